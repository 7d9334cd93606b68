//! What the order of a waitlist is made of (H11, D16): whole points that add up, so that a score can be read (★7).

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The heaviest weight, either way.
pub(super) const HEAVIEST: i32 = 10_000;

/// Points for each thing that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScoreWeights {
    /// For each full hour of waiting.
    pub hour_waited: i32,
    /// For the role that counts most among those the person holds.
    pub roles: BTreeMap<String, i32>,
    /// For each penalty point.
    pub penalty_point: i32,
    /// For each booking the person has open.
    pub active_booking: i32,
    /// For a person of high priority.
    pub high_priority: i32,
}

impl Default for ScoreWeights {
    fn default() -> Self {
        let roles = BTreeMap::from([("staff".to_owned(), 24)]);
        Self { hour_waited: 1, roles, penalty_point: -6, active_booking: -4, high_priority: 12 }
    }
}
