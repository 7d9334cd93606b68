//! Finds no-shows, ended bookings and late loans whose own timer was lost (Q11, SN6).

use crate::{env::Env, errand::Errand, outcome::Outcome, sweep};
use domain::{bookings, error::Result};

/// Enqueues the rule for each; unique keys make it harmless where the own job lives.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let found = bookings::sweep_deadlines(&mut tx).await?;
    tx.commit().await?;
    Ok(sweep::swept("deadlines", found))
}
