//! Gives away what nobody came for (Q11, SN32).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{bookings, error::Result, ids::BookingId};

/// Marks the no-show, or finds nothing to do.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand, booking: BookingId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    bookings::release_missed(&mut tx, booking).await?;
    errand.finish(tx).await
}
