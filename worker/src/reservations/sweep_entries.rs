//! Ends wishes whose own timer was lost (H17).

use crate::{env::Env, errand::Errand, outcome::Outcome, sweep};
use domain::{error::Result, waitlist};

/// Enqueues the rule for each; unique keys make it harmless where the own job lives.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let found = waitlist::sweep_entries(&mut tx).await?;
    tx.commit().await?;
    Ok(sweep::swept("wishes", found))
}
