//! Asks for the payout runs of today (K10).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, payouts};

/// Enqueues a run for each organization that has one today.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    payouts::schedule(&mut tx).await?;
    errand.finish(tx).await
}
