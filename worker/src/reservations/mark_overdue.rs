//! Finds a loan late (SN6).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{bookings, error::Result, ids::BookingId};

/// Marks it, or finds nothing to do.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand, booking: BookingId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    bookings::mark_overdue(&mut tx, booking).await?;
    errand.finish(tx).await
}
