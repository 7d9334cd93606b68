//! Opens the payout run of a day (K10).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use chrono::NaiveDate;
use domain::{error::Result, payouts};

/// One commit; the run itself is another job.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand, day: NaiveDate) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    payouts::run_of(&mut tx, day).await?;
    errand.finish(tx).await
}
