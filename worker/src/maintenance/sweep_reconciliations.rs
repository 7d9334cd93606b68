//! Has every day that is over held against the providers' own lists (Q2).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, reconciliation};

/// Enqueues a look at every day nobody has looked at; unique keys make it harmless where one is under way.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let found = reconciliation::sweep(&mut tx).await?;
    tx.commit().await?;
    tracing::debug!(found, "days to reconcile");
    Ok(Outcome::Done)
}
