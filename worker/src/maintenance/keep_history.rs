//! Makes the days of the jobs' history that come and drops those past their time (QUEUE promise 12).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, ops};

/// Keeps as many days as the environment says.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let dropped = ops::keep_history(&mut tx, env.history_days()).await?;
    let outcome = errand.finish(tx).await?;
    if dropped > 0 {
        tracing::info!(dropped, "days of the history dropped");
    }
    Ok(outcome)
}
