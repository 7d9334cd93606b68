//! Looks at every line somebody waits in: a unit whose freeing went unnoticed must not stay idle (H8).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, waitlist};

/// Enqueues the look; lines are no catch, so they are not counted as one.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let lines = waitlist::sweep_lines(&mut tx).await?;
    tx.commit().await?;
    tracing::debug!(lines, "looked at");
    Ok(Outcome::Done)
}
