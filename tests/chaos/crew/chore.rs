//! What the crew carries.

use queue::{JobFamily, Policy};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A job of the crew. The number tells jobs apart.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Chore {
    /// A little work, like a thousand others.
    #[serde(rename = "chaos.plain")]
    Plain { number: u64 },
    /// Kills the process that carries it.
    #[serde(rename = "chaos.poison")]
    Poison { number: u64 },
    /// Takes as long as it is let. The odd ones end in the transaction of their effect.
    #[serde(rename = "chaos.long")]
    Long { number: u64 },
}

impl Chore {
    pub const PLAIN: &str = "chaos.plain";
    pub const POISON: &str = "chaos.poison";
}

impl JobFamily for Chore {
    const QUEUE: &'static str = "chaos";

    fn kind(&self) -> &'static str {
        match self {
            Self::Plain { .. } => Self::PLAIN,
            Self::Poison { .. } => Self::POISON,
            Self::Long { .. } => "chaos.long",
        }
    }

    fn unique_key(&self) -> Option<String> {
        None
    }

    fn policy(_: &str) -> Policy {
        Policy { timeout: Duration::from_secs(120), ..Policy::BRISK }
    }
}
