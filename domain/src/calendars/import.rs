//! Events that somebody hands over become bookings of a resource (Z7). Each is judged like any booking and by itself. Its
//! identity is kept, so that handing it over again books nothing twice: what grew in number is moved, what was called off
//! is cancelled.

use crate::{
    audit::Change,
    bookings::{self, Authority, BookingPatch, Cancellation, Moment, NewBooking, When, Wish},
    db::Tx,
    error::{Error, Result},
    ids::*,
    refusals::Refusal,
};
use serde_json::json;

/// The longest purpose.
const LONGEST_PURPOSE: usize = 1_000;

/// An event that is handed over.
#[derive(Debug, Clone)]
pub struct Handed {
    /// Its identity where it comes from, at most 255 characters.
    pub uid: String,
    /// Grew with each change there.
    pub sequence: i32,
    /// From when to when, or why that cannot be said.
    pub when: std::result::Result<(Moment, Moment), Refusal>,
    /// What it is called.
    pub summary: Option<String>,
    /// Whether it was called off.
    pub cancelled: bool,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is a booking now.
    Booked,
    /// Its booking was moved.
    Moved,
    /// Its booking was cancelled.
    Cancelled,
    /// It was known as it is.
    Unchanged,
    /// It could not be had.
    Refused,
}

impl Outcome {
    /// As served.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Moved => "moved",
            Self::Cancelled => "cancelled",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }
}

/// An event and what became of it.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Its identity.
    pub uid: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Its booking.
    pub booking: Option<BookingId>,
    /// The code of the refusal.
    pub refusal: Option<&'static str>,
}

/// Books what is handed over, for the person.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such resource.
pub async fn import(tx: &mut Tx, user: UserId, resource: ResourceId, events: Vec<Handed>) -> Result<Vec<Imported>> {
    crate::inventory::resources::find(tx, resource).await?;
    let mut results = Vec::with_capacity(events.len());
    for event in events {
        let step = tx.step().await?;
        let done = one(tx, user, resource, &event).await;
        let result = match tx.end_step(step, done).await {
            Ok((outcome, booking)) => Imported { uid: event.uid, outcome, booking, refusal: None },
            Err(Error::Refused(no)) => {
                Imported { uid: event.uid, outcome: Outcome::Refused, booking: None, refusal: Some(no.code()) }
            }
            Err(fault) => return Err(fault),
        };
        results.push(result);
    }
    Ok(results)
}

async fn one(tx: &mut Tx, user: UserId, resource: ResourceId, event: &Handed) -> Result<(Outcome, Option<BookingId>)> {
    let known = known(tx, user, resource, &event.uid).await?;
    let by = Authority::Own(user);
    match known {
        Some((sequence, booking)) if event.sequence <= sequence => Ok((Outcome::Unchanged, Some(booking))),
        Some((_, booking)) if event.cancelled => {
            bookings::cancel(tx, by, booking, Cancellation::because(Some("calendar".into()))).await?;
            note(tx, user, resource, event, booking).await?;
            Ok((Outcome::Cancelled, Some(booking)))
        }
        Some((_, booking)) => {
            let patch =
                BookingPatch { when: Some(times(event)?), purpose: Some(purpose(event)), ..BookingPatch::default() };
            bookings::reschedule(tx, by, booking, patch).await?;
            note(tx, user, resource, event, booking).await?;
            Ok((Outcome::Moved, Some(booking)))
        }
        None if event.cancelled => Ok((Outcome::Unchanged, None)),
        None => {
            let new = NewBooking {
                creator: user,
                beneficiary: user,
                wishes: vec![Wish::Some(resource, 1)],
                when: Some(times(event)?),
                participants: None,
                purpose: Some(purpose(event)).filter(|purpose| !purpose.is_empty()),
                note: None,
                draft: false,
            };
            let booking = bookings::request(tx, new).await?.id;
            note(tx, user, resource, event, booking).await?;
            Ok((Outcome::Booked, Some(booking)))
        }
    }
}

fn times(event: &Handed) -> Result<When> {
    let (start, end) = event.when.clone()?;
    Ok(When::Range { start, end })
}

fn purpose(event: &Handed) -> String {
    let text = event.summary.as_deref().unwrap_or_default();
    text.chars().filter(|c| *c != '\0').take(LONGEST_PURPOSE).collect()
}

async fn known(tx: &mut Tx, user: UserId, resource: ResourceId, uid: &str) -> Result<Option<(i32, BookingId)>> {
    let org = tx.org()?;
    let row = sqlx::query!(
        r#"select sequence, booking_id as "booking: BookingId" from calendar_imports
           where org_id = $1 and user_id = $2 and resource_id = $3 and uid = $4 for update"#,
        org.0,
        user.0,
        resource.0,
        uid
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.sequence, row.booking)))
}

async fn note(tx: &mut Tx, user: UserId, resource: ResourceId, event: &Handed, booking: BookingId) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "insert into calendar_imports (org_id, user_id, resource_id, uid, sequence, booking_id) values ($1, $2, $3, $4, $5, $6)
         on conflict (org_id, user_id, resource_id, uid) do update set sequence = excluded.sequence",
        org.0,
        user.0,
        resource.0,
        event.uid,
        event.sequence,
        booking.0
    )
    .execute(tx.conn())
    .await?;
    let after = json!({ "uid": event.uid, "sequence": event.sequence });
    tx.record(Change::updated("calendar_import", booking, json!({}), after));
    Ok(())
}
