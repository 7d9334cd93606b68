//! Frees the units of a hold whose deadline passed (Q16).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{bookings, error::Result, ids::BookingId};

/// Ends the hold, or finds nothing to do.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand, booking: BookingId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    bookings::expire_hold(&mut tx, booking).await?;
    errand.finish(tx).await
}
