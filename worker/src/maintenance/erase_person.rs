//! Forgets a person in every organization that knows them (SN26): one organization, one commit. A run that dies half way
//! starts over, and finds nothing left where it has been.

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, ids::OperationId, privacy};
use std::time::Duration;

/// Something begun in the very moment of the erasure comes to its end by itself; until then this is how often we look.
const LOOK_AGAIN: Duration = Duration::from_secs(600);

/// Erases everywhere; where something is unfinished, later.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand, operation: OperationId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let erasing = privacy::load_erasure(&mut tx, operation).await?;
    tx.commit().await?;

    let mut left = 0;
    for org in &erasing.organizations {
        let mut tx = env.begin_in(errand, *org).await?;
        if privacy::erase_here(&mut tx, erasing.user, operation).await? {
            tx.commit().await?;
        } else {
            left += 1;
        }
    }

    let mut tx = env.begin(errand).await?;
    if left > 0 {
        tracing::warn!(user = %erasing.user, left, "business was begun while its person was erased");
        privacy::note_unfinished(&mut tx, operation, left).await?;
        tx.commit().await?;
        return Ok(Outcome::Again(LOOK_AGAIN));
    }
    privacy::finish_erasure(&mut tx, operation, erasing.organizations.len()).await?;
    errand.finish(tx).await
}
