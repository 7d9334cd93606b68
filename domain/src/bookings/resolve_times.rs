//! When the law about clocks changes, bookings follow what their people meant (SN45, ★3): what was said on the clocks of a
//! place is resolved again under the zone data this program knows, and every booking that moved is told and written down.

use super::{
    Booking, Status, free,
    items::{self, Given},
    lock,
    place::{plan_timers, release_at},
    queries, subject_of,
    submit::as_written,
    tell,
    when::Times,
};
use crate::{
    audit::Change,
    db::Tx,
    error::{Error, Result},
    ids::*,
    inventory::units::{self, Span, Unit},
    localtime::{ZONE_DATA, wall},
    notifications::NoticeKind,
};
use serde_json::json;

/// Bookings looked at in one transaction.
const BATCH: i64 = 200;

/// What was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Bookings to come that mean the clocks of their place.
    pub looked_at: i32,
    /// Of these, those at another instant now.
    pub moved: i32,
    /// Of these, those whose units somebody else has at the new instant: they keep the old one, which the clocks now call
    /// by another time.
    pub kept: i32,
}

/// Whether the zone data of this program were applied to every booking; if not, the organizations to go through.
///
/// # Errors
/// A fault when the database fails.
pub async fn begin_zone_update(tx: &mut Tx) -> Result<Option<Vec<OrgId>>> {
    let finished_at = sqlx::query_scalar!(
        "insert into zone_updates (version) values ($1) on conflict (version) do update set version = excluded.version
         returning finished_at",
        ZONE_DATA
    )
    .fetch_one(tx.conn())
    .await?;
    if finished_at.is_some() {
        return Ok(None);
    }
    let orgs = sqlx::query_scalar!(r#"select id as "id: OrgId" from organizations order by id"#);
    Ok(Some(orgs.fetch_all(tx.conn()).await?))
}

/// Every organization was gone through: the report of this edition of the zones' laws.
///
/// # Errors
/// A fault when the database fails.
pub async fn finish_zone_update(tx: &mut Tx, found: Resolved) -> Result<()> {
    let now = tx.now();
    sqlx::query!(
        "update zone_updates set finished_at = $2, looked_at = $3, moved = $4, kept = $5 where version = $1",
        ZONE_DATA,
        now,
        found.looked_at,
        found.moved,
        found.kept
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Resolves the next bookings of an organization again, in the order of their ids; answers what it found and after which
/// id to go on, if there are more.
///
/// # Errors
/// A fault when the database fails.
pub async fn resolve_times(tx: &mut Tx, after: Option<BookingId>) -> Result<(Resolved, Option<BookingId>)> {
    let (org, now) = (tx.org()?, tx.now());
    let ids = sqlx::query_scalar!(
        r#"select id as "id: BookingId" from bookings
           where org_id = $1 and local_start is not null and start_at > $2 and ($3::uuid is null or id > $3)
             and status in ('draft', 'waitlisted', 'pending', 'approved', 'confirmed')
           order by id limit $4"#,
        org.0,
        now,
        after.map(|id| id.0),
        BATCH
    )
    .fetch_all(tx.conn())
    .await?;
    let mut found = Resolved { looked_at: i32::try_from(ids.len()).unwrap_or(i32::MAX), ..Resolved::default() };
    for id in &ids {
        if has_moved(&queries::load(tx, *id).await?) {
            follow(tx, *id, &mut found).await?;
        }
    }
    let whole = ids.len() == usize::try_from(BATCH).unwrap_or_default();
    Ok((found, ids.last().copied().filter(|_| whole)))
}

/// The instants its person means today; none when the clocks no longer show them.
fn meant(booking: &Booking) -> Option<Times> {
    as_written(booking).resolve(&booking.policy, booking.timezone).ok()
}

fn has_moved(booking: &Booking) -> bool {
    meant(booking).is_none_or(|times| times.span != Span { start: booking.start_at, end: booking.end_at })
}

async fn follow(tx: &mut Tx, id: BookingId, found: &mut Resolved) -> Result<()> {
    let before = lock(tx, id).await?;
    if !has_moved(&before) {
        return Ok(());
    }
    let subject = subject_of(tx, &before).await?;
    let wished = meant(&before).map(|times| moved_to(tx, &before, times));
    let (after, moved) = match wished {
        Some(after) if takes(tx, &before, &after).await? => (after, true),
        _ => (stays(&before), false),
    };
    found.moved += i32::from(moved);
    found.kept += i32::from(!moved);
    let after = queries::store_quietly(tx, &before, after).await?;
    let because = json!({ "reason": "zone_data", "version": ZONE_DATA, "moved": moved });
    tx.record(Change::updated("booking", id, &before, &after).because(because));
    if moved {
        wait_anew(tx, &after).await?;
        if after.status.is_active() {
            plan_timers(tx, &after);
            free::serve_the_line(tx, &before).await?;
        }
    }
    tell(tx, &after, &subject, NoticeKind::ReservationMoved).await
}

fn moved_to(tx: &Tx, before: &Booking, times: Times) -> Booking {
    let Span { start, end } = times.span;
    let mut after = Booking { start_at: start, end_at: end, local: times.local, ..before.clone() };
    after.due_at = before.due_at.map(|_| end);
    after.hold_expires_at = before.hold_expires_at.map(|deadline| match before.status {
        Status::Pending => start.max(tx.now()),
        _ => deadline.min(start.max(tx.now())),
    });
    if before.status == Status::Confirmed {
        after.release_at = release_at(tx.now(), &after);
    }
    after
}

/// The same instants, called by what the clocks show then.
fn stays(before: &Booking) -> Booking {
    let shown = |at| wall(at, before.timezone);
    Booking { local: Some((shown(before.start_at), shown(before.end_at))), period: None, ..before.clone() }
}

/// Claims the units for the new time, the same ones where they are free; otherwise the old time stays claimed.
async fn takes(tx: &mut Tx, before: &Booking, after: &Booking) -> Result<bool> {
    if !before.status.is_active() {
        return Ok(true);
    }
    let held = items::items(tx, before.id).await?;
    let keep: Vec<UnitId> = held.iter().filter_map(|item| item.unit).collect();
    units::release(tx, before.id.into()).await?;
    match items::pick(tx, after, &items::wanted(&held), &keep).await {
        Ok(given) => {
            items::write(tx, before.id, &given).await?;
            items::claim(tx, after, &given).await?;
            Ok(true)
        }
        Err(Error::Refused(_)) => {
            let unit = |id, label: Option<String>| Unit { id, label: label.unwrap_or_default() };
            let given: Vec<Given> = held
                .into_iter()
                .filter_map(|item| Some((item.resource, item.unit?, item.label, item.pinned)))
                .map(|(resource, id, label, pinned)| Given { resource, unit: Some(unit(id, label)), pinned })
                .collect();
            items::claim(tx, before, &given).await?;
            Ok(false)
        }
        Err(fault) => Err(fault),
    }
}

/// Whoever waits for it waits for the new time.
async fn wait_anew(tx: &mut Tx, after: &Booking) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "update queue_entries set during = $3 where org_id = $1 and booking_id = $2 and status = 'waiting'",
        org.0,
        after.id.0,
        sqlx::postgres::types::PgRange::from(items::claimed(after))
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
