//! Forgets expired sessions, codes, copies and idempotency keys (Q5, SN44).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, identity};

/// Deletes what is past its time.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let forgotten = identity::forget_expired(&mut tx).await?;
    let outcome = errand.finish(tx).await?;
    tracing::info!(?forgotten, "cleaned up");
    Ok(outcome)
}
