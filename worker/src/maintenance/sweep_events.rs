//! Takes up events that were stored but not handled (★5).

use crate::{env::Env, errand::Errand, outcome::Outcome, sweep};
use domain::{error::Result, payments};

/// Enqueues the rule for each; unique keys make it harmless where the own job lives.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let found = payments::sweep_events(&mut tx).await?;
    tx.commit().await?;
    Ok(sweep::swept("events", found))
}
