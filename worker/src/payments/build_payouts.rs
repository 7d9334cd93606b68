//! Collects what is owed into payouts (K8, K9): one driver, one commit, so that a run that dies half way goes on where
//! it stopped.

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{
    error::{Error, Result},
    ids::{OperationId, UserId},
    payouts,
};

/// Builds a payout for everyone who is owed enough.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand, operation: OperationId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let drivers = payouts::candidates(&mut tx).await?;
    drop(tx);

    for driver in drivers {
        build(env, errand, operation, driver).await?;
    }

    let mut tx = env.begin(errand).await?;
    payouts::finish_build(&mut tx, operation).await?;
    errand.finish(tx).await
}

/// A rule that refuses one driver must not hold up the others; what they are owed stays owed.
async fn build(env: &Env, errand: &Errand, operation: OperationId, driver: UserId) -> Result<()> {
    let mut tx = env.begin(errand).await?;
    match payouts::build_for(&mut tx, operation, driver).await {
        Ok(_) => tx.commit().await,
        Err(Error::Refused(refusal)) => {
            tracing::warn!(%driver, code = refusal.code(), "left out of this payout run");
            Ok(())
        }
        Err(fault) => Err(fault),
    }
}
