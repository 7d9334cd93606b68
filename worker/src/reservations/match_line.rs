//! Offers what is free on a resource to those who wait for it (H8).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, ids::ResourceId, waitlist};

/// Serves the line, or finds nothing free.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand, resource: ResourceId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    waitlist::match_line(&mut tx, resource).await?;
    errand.finish(tx).await
}
