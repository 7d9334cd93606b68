//! Walks over the audience of a broadcast (R2): so many people, one commit, one run, so that a large audience holds up
//! nobody else's messages.

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{
    broadcasts::{self, Walked},
    error::Result,
    ids::OperationId,
};
use std::time::Duration;

/// Tells the next people, or waits for the last message.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand, operation: OperationId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let after = match broadcasts::walk(&mut tx, operation).await? {
        Walked::Ended => return errand.finish(tx).await,
        Walked::On => Duration::ZERO,
        Walked::Waiting(pause) => pause.to_std().unwrap_or_default(),
    };
    tx.commit().await?;
    Ok(Outcome::Again(after))
}
