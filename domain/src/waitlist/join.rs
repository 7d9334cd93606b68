//! Somebody waits for what is not free (H2, H3). What is free is booked instead: an entry beside a free unit would be an
//! idle unit. What is free but fits somebody in line is theirs, so whoever comes later stands behind them.

use super::{Entry, EntryStatus, Wish, entry, line, line::Line, match_line, score, tell};
use crate::{
    audit::Change,
    bookings::{self, Booking, Status},
    db::Tx,
    error::{RefuseOn, Result},
    ids::*,
    inventory::Discipline,
    jobs::Reservations,
    notifications::NoticeKind,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::postgres::types::PgRange;

/// Lines one person may stand in at once.
const MOST_ENTRIES: i64 = 20;

/// Makes a booking that waits, and its entry. Whatever refuses a booking refuses the wish: its time, its size, what its
/// person holds and owes already.
///
/// # Errors
/// [`Refusal::UnitsFree`] when there is nothing to wait for, [`Refusal::Conflict`] where nobody waits or the person
/// waits already, [`Refusal::Policy`] and its relatives for what could not be booked, [`Refusal::StateConflict`] for what
/// is out of service, [`Refusal::Invalid`], [`Refusal::NotFound`].
pub async fn join(tx: &mut Tx, wish: Wish) -> Result<Entry> {
    let (resource, when) = wish.check()?;
    let planned = bookings::planned(tx, wish.booking.clone(), when).await?;
    let line = line::lock(tx, resource).await?;
    if line.discipline == Discipline::None {
        return Err(Refusal::Conflict { reason: "no_waitlist" }.into());
    }
    let useful_until = wish.use_ends(tx.now(), &planned.booking)?;
    wish.must_be_possible(tx, &line, planned.booking.quantity).await?;
    bookings::may_have(tx, &planned.booking).await?;
    must_be_new(tx, &planned.booking).await?;
    must_be_taken(tx, &wish, &planned.booking).await?;

    let booking = planned.write_down(tx, Status::Waitlisted).await?;
    let entry = insert(tx, &wish, &line, &booking, useful_until).await?;
    tx.record(Change::created("queue_entry", entry.id, &entry));
    tx.enqueue_at(&Reservations::EndEntry { entry: entry.id, deadline: useful_until }, useful_until);
    tell::tell(tx, &booking, &line.name, NoticeKind::WaitlistJoined, entry.id.into(), &json!({})).await?;
    Ok(entry)
}

/// Nothing to wait for: enough is free and nobody in line fits into it.
async fn must_be_taken(tx: &mut Tx, wish: &Wish, booking: &Booking) -> Result<()> {
    let free = line::free(tx, booking.resource, bookings::claimed(booking), &wish.features).await?;
    let free = bookings::without_reserved(tx, booking, free).await?.len();
    if free < usize::try_from(booking.quantity).unwrap_or(usize::MAX) {
        return Ok(());
    }
    if score::somebody_fits(tx, booking.resource).await? {
        return match_line::units_freed(tx, &[booking.resource]).await;
    }
    Err(Refusal::UnitsFree { available: i64::try_from(free).unwrap_or(i64::MAX) }.into())
}

/// The person does not wait for the same already, nor for everything. Their membership is locked.
async fn must_be_new(tx: &mut Tx, booking: &Booking) -> Result<()> {
    let org = tx.org()?;
    let person = sqlx::query!(
        r#"select count(*) as "entries!",
                  coalesce(bool_or(e.resource_id = $3 and e.during && $4), false) as "waits!"
           from queue_entries e where e.org_id = $1 and e.user_id = $2 and e.status in ('waiting', 'offered')"#,
        org.0,
        booking.beneficiary.0,
        booking.resource.0,
        PgRange::<DateTime<Utc>>::from(bookings::claimed(booking))
    )
    .fetch_one(tx.conn())
    .await?;
    if person.waits {
        return Err(Refusal::Conflict { reason: "already_waiting" }.into());
    }
    if person.entries >= MOST_ENTRIES {
        return Err(Refusal::Policy { rule: "waiting_entries", limit: MOST_ENTRIES, value: person.entries }.into());
    }
    Ok(())
}

/// The entry at the end of the line, with its first score.
async fn insert(
    tx: &mut Tx,
    wish: &Wish,
    line: &Line,
    booking: &Booking,
    useful_until: DateTime<Utc>,
) -> Result<Entry> {
    let (org, now, id) = (tx.org()?, tx.now(), QueueEntryId::new());
    sqlx::query!(
        "insert into queue_entries (org_id, id, booking_id, resource_id, user_id, quantity, features, during, discipline, seq,
                                    status, useful_until, created_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9,
                coalesce((select max(seq) from queue_entries where org_id = $1 and resource_id = $4), 0) + 1, $10, $11, $12",
        org.0,
        id.0,
        booking.id.0,
        line.id.0,
        booking.beneficiary.0,
        booking.quantity,
        &wish.features,
        PgRange::<DateTime<Utc>>::from(bookings::claimed(booking)),
        line.discipline.code(),
        EntryStatus::Waiting.code(),
        useful_until,
        now
    )
    .execute(tx.conn())
    .await
    .refuse_on("queue_entries_booking_once", Refusal::Conflict { reason: "already_waiting" })?;
    if let Some(row) = score::of_entry(tx, line.id, id).await? {
        sqlx::query!(
            "update queue_entries set score = $3, score_parts = $4, scored_at = $5 where org_id = $1 and id = $2",
            org.0,
            id.0,
            row.score,
            row.parts,
            now
        )
        .execute(tx.conn())
        .await?;
    }
    entry::load(tx, id).await
}
