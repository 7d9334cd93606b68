//! What is still to come of a series is given up: all of it, or from a date on (SN10). What may not be cancelled any more
//! stays, and is told.

use super::{
    Series,
    members::coming,
    place::Tried,
    queries::{lock, store},
};
use crate::{
    audit::Change,
    bookings::{self, Authority, Cancellation},
    db::Tx,
    error::Result,
    ids::SeriesId,
    refusals::Refusal,
};
use chrono::{Days, NaiveDate};

/// Cancels every booking of a series that did not begin, on `from` or later. The series ends with the day before, and
/// altogether where nothing is named.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers, [`Refusal::VersionMismatch`], [`Refusal::StateConflict`] when it was cancelled,
/// [`Refusal::SeriesRefused`] when none of them may be cancelled.
pub async fn cancel(
    tx: &mut Tx,
    by: Authority,
    id: SeriesId,
    seen: Option<i32>,
    from: Option<NaiveDate>,
    reason: Option<&str>,
) -> Result<Series> {
    let before = lock(tx, by, id, seen).await?;
    let mut tried = Tried::default();
    for one in coming(tx, id, from).await? {
        let step = tx.step().await?;
        let done = bookings::cancel(tx, by, one.id, Cancellation::because(reason.map(str::to_owned))).await.map(|_| ());
        let done = tx.end_step(step, done).await;
        tried.note(one.date, done)?;
    }
    if tried.placed == 0 && !tried.refused.is_empty() {
        return Err(Refusal::SeriesRefused { possible: 0, refused: tried.refused }.into());
    }
    let mut after = before.clone();
    match from.filter(|from| *from > before.pattern.first) {
        Some(from) => after.pattern.until = before.pattern.until.min(from - Days::new(1)),
        None => after.cancelled_at = Some(tx.now()),
    }
    after.refused = tried.refused;
    let after = store(tx, &before, after).await?;
    tx.record(Change::updated("booking_series", id, &before, &after));
    Ok(after)
}
