//! Bookings as events of a calendar. A resource's calendar says when it is taken, not by whom nor what for.

use crate::{
    bookings::Status,
    db::Tx,
    error::{Fault, Result},
    ids::*,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// How far back and ahead a calendar reaches.
const BACK: TimeDelta = TimeDelta::days(90);
const AHEAD: TimeDelta = TimeDelta::days(400);
/// Events of one calendar.
const MOST: i64 = 2_000;

/// How an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It will be, or was.
    Confirmed,
    /// Somebody has to agree, to pay, or to give way.
    Tentative,
    /// It will not be.
    Cancelled,
}

/// One booking as an event.
#[derive(Debug, Clone)]
pub struct CalendarEvent {
    /// Of which booking.
    pub booking: BookingId,
    /// Grows with each change.
    pub sequence: i32,
    /// First instant.
    pub start: DateTime<Utc>,
    /// First instant after.
    pub end: DateTime<Utc>,
    /// In whose clocks it is meant.
    pub zone: Tz,
    /// How it stands.
    pub standing: Standing,
    /// What is booked.
    pub what: String,
    /// What it is for; told to nobody but its people.
    pub purpose: Option<String>,
    /// Eight characters people can say on the phone; likewise.
    pub code: Option<String>,
    /// Where it is.
    pub place: Option<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it was last changed.
    pub changed: DateTime<Utc>,
}

struct Row {
    booking: BookingId,
    version: i32,
    start_at: DateTime<Utc>,
    end_at: DateTime<Utc>,
    timezone: String,
    status: Status,
    what: String,
    purpose: Option<String>,
    code: String,
    place: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Bookings made by or for a person.
///
/// # Errors
/// A fault when the database fails.
pub async fn events_of_person(tx: &mut Tx, user: UserId) -> Result<Vec<CalendarEvent>> {
    rows(tx, Some(user), None).await?.into_iter().map(|row| event(row, true)).collect()
}

/// When a resource is taken.
///
/// # Errors
/// [`crate::refusals::Refusal::NotFound`].
pub async fn events_of_resource(tx: &mut Tx, resource: ResourceId) -> Result<(String, Vec<CalendarEvent>)> {
    let name = crate::inventory::resources::find(tx, resource).await?.facts.name;
    let events =
        rows(tx, None, Some(resource)).await?.into_iter().map(|row| event(row, false)).collect::<Result<_>>()?;
    Ok((name, events))
}

async fn rows(tx: &mut Tx, user: Option<UserId>, resource: Option<ResourceId>) -> Result<Vec<Row>> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(sqlx::query_as!(
        Row,
        r#"select b.id as "booking: BookingId", b.version, b.start_at, b.end_at, b.timezone, b.status as "status: Status",
                  r.name as what, b.purpose, b.code,
                  nullif(concat_ws(', ', s.name, r.location ->> 'building', r.location ->> 'floor', r.location ->> 'room',
                                   nullif(s.address, '')), '') as place,
                  b.created_at, b.updated_at
           from bookings b join resources r on r.org_id = b.org_id and r.id = b.resource_id
           left join sites s on s.org_id = r.org_id and s.id = r.site_id
           where b.org_id = $1 and b.status <> 'draft' and b.end_at >= $4 and b.start_at <= $5
             and ($2::uuid is null or b.beneficiary_user_id = $2 or b.creator_user_id = $2)
             and ($3::uuid is null or b.status <> 'waitlisted' and exists (select from booking_items i
                  where i.org_id = b.org_id and i.booking_id = b.id and i.resource_id = $3))
           order by b.start_at desc, b.id limit $6"#,
        org.0,
        user.map(|user| user.0),
        resource.map(|resource| resource.0),
        now - BACK,
        now + AHEAD,
        MOST
    )
    .fetch_all(tx.conn())
    .await?)
}

fn event(row: Row, of_its_person: bool) -> Result<CalendarEvent> {
    let standing = match row.status {
        Status::Cancelled | Status::Rejected | Status::Expired | Status::NoShow => Standing::Cancelled,
        Status::Draft | Status::Pending | Status::Approved | Status::Waitlisted => Standing::Tentative,
        Status::Confirmed | Status::InUse | Status::Completed => Standing::Confirmed,
    };
    Ok(CalendarEvent {
        booking: row.booking,
        sequence: row.version - 1,
        start: row.start_at,
        end: row.end_at,
        zone: row.timezone.parse().map_err(|e| Fault::corrupt("bookings.timezone", e))?,
        standing,
        what: row.what,
        purpose: row.purpose.filter(|_| of_its_person),
        code: of_its_person.then_some(row.code),
        place: row.place,
        created: row.created_at,
        changed: row.updated_at,
    })
}
