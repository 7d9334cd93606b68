//! Reminds of a booking, if the reminder is still true when it fires (Q4, ★14).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use chrono::{DateTime, Utc};
use domain::{error::Result, ids::BookingId, notifications};

/// Writes the reminder, or drops it with a count of the reason.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(
    env: &Env,
    errand: &Errand,
    booking: BookingId,
    start_at: DateTime<Utc>,
    minutes_before: u32,
) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    notifications::remind_booking(&mut tx, booking, start_at, minutes_before).await?;
    errand.finish(tx).await
}
