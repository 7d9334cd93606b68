//! Ends an offer nobody answered in time, and passes its units on (Q9).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, ids::OfferId, waitlist};

/// Ends the offer, or finds nothing to do.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand, offer: OfferId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    waitlist::expire_offer(&mut tx, offer).await?;
    errand.finish(tx).await
}
