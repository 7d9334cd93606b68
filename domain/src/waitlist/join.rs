//! Somebody waits for what is not free (H2, H3). What is free is booked instead: an entry beside a free unit would be an
//! idle unit. What is free but fits somebody in line is theirs, so whoever comes later stands behind them.

use super::{
    Entry, EntryStatus, Wish, entry, line,
    line::Line,
    match_line, score, tell,
    wish::{self, check_time},
};
use crate::{
    audit::Change,
    bookings::{self, Booking, Quote, Status},
    db::Tx,
    error::{RefuseOn, Result},
    ids::*,
    inventory::Discipline,
    jobs::Reservations,
    notifications::NoticeKind,
    organizations,
    policies::{self, Rules},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::postgres::types::PgRange;

/// Lines one person may stand in at once.
const MOST_ENTRIES: i64 = 20;

/// Makes a booking that waits, and its entry.
///
/// # Errors
/// [`Refusal::UnitsFree`] when there is nothing to wait for, [`Refusal::Conflict`] where nobody waits or the person
/// waits already, [`Refusal::Policy`] for what could never be booked, [`Refusal::Invalid`], [`Refusal::NotFound`].
pub async fn join(tx: &mut Tx, wish: Wish) -> Result<Entry> {
    wish.check()?;
    let line = line::lock(tx, wish.resource).await?;
    if !line.open {
        return Err(Refusal::NotFound.into());
    }
    if line.discipline == Discipline::None {
        return Err(Refusal::Conflict { reason: "no_waitlist" }.into());
    }
    let rules = policies::in_force(tx, line.id).await?;
    check_time(tx, &rules, line.timezone, wish.start_at, wish.end_at)?;
    let useful_until = wish.use_ends(tx.now())?;
    wish.must_be_possible(tx, &line, &rules).await?;
    must_be_welcome(tx, &wish, &rules).await?;
    must_be_taken(tx, &wish, &rules).await?;

    let organization = organizations::load(tx).await?;
    let quote = wish::price(&line, wish.start_at, wish.end_at, wish.quantity, organization.currency)?;
    let booking = booking(tx, &wish, &line, rules, &quote);
    let lines = json!([{ "label": "units", "quantity": quote.quantity, "unit_price": quote.unit_price,
                         "amount": quote.price }]);
    bookings::insert(tx, &booking, lines).await?;
    line::write_wishes(tx, booking.id, line.id, wish.quantity).await?;
    tx.record(Change::created("booking", booking.id, &booking));
    let entry = insert(tx, &wish, &line, &booking, useful_until).await?;
    tx.record(Change::created("queue_entry", entry.id, &entry));
    tx.enqueue_at(&Reservations::EndEntry { entry: entry.id, deadline: useful_until }, useful_until);
    tell::tell(tx, &booking, &line.name, NoticeKind::WaitlistJoined, entry.id.into(), &json!({})).await?;
    Ok(entry)
}

/// Nothing to wait for: enough is free and nobody in line fits into it.
async fn must_be_taken(tx: &mut Tx, wish: &Wish, rules: &Rules) -> Result<()> {
    let span = wish::claimed(rules, wish.start_at, wish.end_at);
    let free = line::free(tx, wish.resource, span, &wish.features).await?.len();
    if free < usize::try_from(wish.quantity).unwrap_or(usize::MAX) {
        return Ok(());
    }
    if score::somebody_fits(tx, wish.resource).await? {
        return match_line::units_freed(tx, &[wish.resource]).await;
    }
    Err(Refusal::UnitsFree { available: i64::try_from(free).unwrap_or(i64::MAX) }.into())
}

/// The person belongs here, may book, and does not wait for the same already.
async fn must_be_welcome(tx: &mut Tx, wish: &Wish, rules: &Rules) -> Result<()> {
    let org = tx.org()?;
    let span = wish::claimed(rules, wish.start_at, wish.end_at);
    let person = sqlx::query!(
        r#"select m.penalty_points,
                  (select count(*) from queue_entries e where e.org_id = $1 and e.user_id = $2
                   and e.status in ('waiting', 'offered')) as "entries!",
                  exists (select from queue_entries e where e.org_id = $1 and e.user_id = $2 and e.resource_id = $3
                          and e.status in ('waiting', 'offered') and e.during && $4) as "waits!"
           from memberships m where m.org_id = $1 and m.user_id = $2 and m.status = 'active'"#,
        org.0,
        wish.beneficiary.0,
        wish.resource.0,
        PgRange::<DateTime<Utc>>::from(span)
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Refusal::invalid("beneficiary_id", "is no active member of the organization"))?;
    let points = i64::from(person.penalty_points);
    if let Some(limit) = rules.blocked_from_penalty_points.map(i64::from).filter(|limit| points >= *limit) {
        return Err(Refusal::Policy { rule: "blocked_from_penalty_points", limit, value: points }.into());
    }
    if person.waits {
        return Err(Refusal::Conflict { reason: "already_waiting" }.into());
    }
    if person.entries >= MOST_ENTRIES {
        return Err(Refusal::Policy { rule: "waiting_entries", limit: MOST_ENTRIES, value: person.entries }.into());
    }
    Ok(())
}

fn booking(tx: &Tx, wish: &Wish, line: &Line, policy: Rules, quote: &Quote) -> Booking {
    Booking {
        id: BookingId::new(),
        code: bookings::code(),
        kind: line.kind,
        resource: line.id,
        creator: wish.creator,
        beneficiary: wish.beneficiary,
        status: Status::Waitlisted,
        payment_status: if quote.price.amount == 0 { "none" } else { "due" }.into(),
        start_at: wish.start_at,
        end_at: wish.end_at,
        timezone: line.timezone,
        local: None,
        period: None,
        quantity: wish.quantity,
        participants: wish.participants,
        purpose: wish.purpose.clone(),
        price: quote.price,
        commission: quote.commission,
        due_at: policy.hand_over.then_some(wish.end_at),
        policy,
        note: wish.note.clone(),
        hold_expires_at: None,
        reason_code: None,
        cancelled_at: None,
        checked_in_at: None,
        started_at: None,
        ended_at: None,
        overdue_at: None,
        release_at: None,
        version: 1,
        created_at: tx.now(),
    }
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
        wish.beneficiary.0,
        wish.quantity,
        &wish.features,
        PgRange::<DateTime<Utc>>::from(wish::claimed(&booking.policy, wish.start_at, wish.end_at)),
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
