//! What is still to come of a series changes: all of it, or from a date on (SN10). One date alone is changed as the
//! booking it is. A change from a date on makes a series of its own of what follows, so that each series has one time.

use super::{
    OnConflict, Series,
    members::{Coming, coming},
    place::{Tried, place},
    queries::{insert, lock, store},
};
use crate::{
    audit::Change,
    bookings::{self, Authority, BookingPatch, Cancellation, Status},
    db::Tx,
    error::Result,
    ids::SeriesId,
    refusals::Refusal,
};
use chrono::{Days, NaiveDate, NaiveTime};

/// What shall change; absent fields stay.
#[derive(Debug, Clone, Default)]
pub struct SeriesPatch {
    /// From this date on; all that is to come when it is not said.
    pub from: Option<NaiveDate>,
    /// Another beginning, on the clocks of the place.
    pub start: Option<NaiveTime>,
    /// Another end.
    pub end: Option<NaiveTime>,
    /// How many people come.
    pub participants: Option<i32>,
    /// What it is for; empty takes it away.
    pub purpose: Option<String>,
    /// A word to whoever decides; empty takes it away.
    pub note: Option<String>,
    /// Whether a date that cannot be moved keeps all from moving (`fail`) or stays as it is.
    pub on_conflict: Option<OnConflict>,
}

/// Changes a series; answers the one that changed, which is a new one when only a part did.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers, [`Refusal::VersionMismatch`], [`Refusal::StateConflict`] when it was cancelled,
/// [`Refusal::SeriesRefused`] with the refusal of each date, [`Refusal::Invalid`].
pub async fn change(
    tx: &mut Tx,
    by: Authority,
    id: SeriesId,
    seen: Option<i32>,
    patch: &SeriesPatch,
) -> Result<Series> {
    let before = lock(tx, by, id, seen).await?;
    let part = patch.from.filter(|from| *from > before.pattern.first);
    if part.is_some_and(|from| from > before.pattern.until) {
        return Err(Refusal::invalid("from", "must not be after the last date").into());
    }
    let mut after = changed(&before, patch);
    let comes = coming(tx, id, part).await?;
    if let Some(from) = part {
        after = split(tx, &before, after, from, &comes).await?;
    }
    let moves = (after.pattern.start, after.pattern.end) != (before.pattern.start, before.pattern.end);
    let mut tried = Tried::default();
    for one in &comes {
        let step = tx.step().await?;
        let done = move_one(tx, by, &after, one, moves, patch).await;
        let done = tx.end_step(step, done).await;
        tried.note(one.date, done)?;
    }
    tried.must_do(patch.on_conflict.unwrap_or(OnConflict::Fail))?;
    after.refused.retain(|one| !tried.refused.iter().any(|now| now.date == one.date));
    after.refused.extend(tried.refused);
    let base = if part.is_some() { after.clone() } else { before };
    let after = store(tx, &base, after).await?;
    tx.record(Change::updated("booking_series", after.id, &base, &after));
    Ok(after)
}

fn changed(before: &Series, patch: &SeriesPatch) -> Series {
    let text = |new: &Option<String>, old: &Option<String>| match new {
        Some(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        None => old.clone(),
    };
    let mut after = before.clone();
    after.pattern.start = patch.start.unwrap_or(before.pattern.start);
    after.pattern.end = patch.end.unwrap_or(before.pattern.end);
    after.participants = patch.participants.unwrap_or(before.participants);
    after.purpose = text(&patch.purpose, &before.purpose);
    after.note = text(&patch.note, &before.note);
    after
}

/// What follows becomes a series of its own; the old one ends the day before.
async fn split(tx: &mut Tx, before: &Series, mut after: Series, from: NaiveDate, comes: &[Coming]) -> Result<Series> {
    after.id = SeriesId::new();
    after.version = 1;
    after.created_at = tx.now();
    after.pattern.first = before.pattern.first_from(from);
    after.refused = before.refused.iter().filter(|one| one.date >= from).cloned().collect();
    insert(tx, &after).await?;
    let mut ended = before.clone();
    ended.pattern.until = from - Days::new(1);
    ended.refused.retain(|one| one.date < from);
    let ended = store(tx, before, ended).await?;
    tx.record(Change::updated("booking_series", before.id, before, &ended));
    for one in comes {
        super::place::attach(tx, after.id, one.id, one.date).await?;
    }
    tx.record(Change::created("booking_series", after.id, &after));
    Ok(after)
}

async fn move_one(
    tx: &mut Tx,
    by: Authority,
    series: &Series,
    one: &Coming,
    moves: bool,
    patch: &SeriesPatch,
) -> Result<()> {
    if one.status == Status::Waitlisted {
        if moves {
            bookings::cancel(tx, by, one.id, Cancellation::because(Some("series_moved".into()))).await?;
            place(tx, series, one.date).await?;
        }
        return Ok(());
    }
    let patch = BookingPatch {
        when: moves.then(|| series.pattern.on(one.date)),
        participants: patch.participants,
        purpose: patch.purpose.clone(),
        note: patch.note.clone(),
        ..BookingPatch::default()
    };
    bookings::reschedule(tx, by, one.id, patch).await.map(|_| ())
}
