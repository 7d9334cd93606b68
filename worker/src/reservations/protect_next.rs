//! Looks after whoever is to have what is not back (SN34, ★11).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{bookings, error::Result, ids::BookingId};

/// Replaces what is missing or tells its people, or finds nothing to do.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand, booking: BookingId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    bookings::protect_next(&mut tx, booking).await?;
    errand.finish(tx).await
}
