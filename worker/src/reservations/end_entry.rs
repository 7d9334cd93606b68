//! Ends a wish whose use has passed (H17).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, ids::QueueEntryId, waitlist};

/// Ends the wish, or finds nothing to do.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand, entry: QueueEntryId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    waitlist::end_entry(&mut tx, entry).await?;
    errand.finish(tx).await
}
