//! A place in a line, as stored, and the one way to change it.

use super::{EntryStatus, line, line::Line};
use crate::{
    audit::Change,
    bookings::{self, Booking},
    db::Tx,
    error::Result,
    ids::*,
    inventory::{Discipline, units::Span},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// Somebody's place in a line (MODEL §2.3).
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Its id.
    pub id: QueueEntryId,
    /// The booking that waits.
    pub booking: BookingId,
    /// For what.
    pub resource: ResourceId,
    /// Who waits: the booking's beneficiary.
    pub user: UserId,
    /// Units wanted, all or nothing.
    pub quantity: i32,
    /// What every one of them must have.
    pub features: Vec<String>,
    /// First instant that would be claimed: the booking's start less its buffer.
    pub from: DateTime<Utc>,
    /// First instant after.
    pub until: DateTime<Utc>,
    /// In which order its line is served.
    pub discipline: Discipline,
    /// Its number in the line: who came first has the lower one.
    pub seq: i64,
    /// Points when they were last counted.
    pub score: i64,
    /// What they are made of.
    pub score_parts: Value,
    /// Where it stands.
    pub status: EntryStatus,
    /// After it the wish is pointless.
    pub useful_until: DateTime<Utc>,
    /// Why it ended.
    pub reason: Option<String>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// One more with every change.
    pub version: i32,
    /// When the waiting began.
    pub created_at: DateTime<Utc>,
}

impl Entry {
    /// What would be claimed.
    #[must_use]
    pub fn span(&self) -> Span {
        Span { start: self.from, end: self.until }
    }

    /// Whether it is still in the line, or has an offer.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.status, EntryStatus::Waiting | EntryStatus::Offered)
    }

    /// Insists that it is.
    pub(super) fn must_live(&self) -> Result<()> {
        if self.is_live() { Ok(()) } else { Err(self.conflict()) }
    }

    /// It stands otherwise than the step needs.
    pub(super) fn conflict(&self) -> crate::error::Error {
        Refusal::StateConflict { status: self.status.code().into() }.into()
    }
}

macro_rules! entries {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Entry,
            r#"select e.id as "id: QueueEntryId", e.booking_id as "booking: BookingId", e.resource_id as "resource: ResourceId",
                      e.user_id as "user: UserId", e.quantity, e.features, lower(e.during) as "from!",
                      upper(e.during) as "until!", e.discipline as "discipline: Discipline", e.seq, e.score, e.score_parts,
                      e.status as "status: EntryStatus", e.useful_until, e.reason, e.ended_at, e.version, e.created_at
               from queue_entries e where e.org_id = $1 "# + $tail,
            $($argument),*
        )
    };
}
pub(super) use entries;

/// The entry with this id, whoever asks.
pub(super) async fn load(tx: &mut Tx, id: QueueEntryId) -> Result<Entry> {
    let org = tx.org()?;
    Ok(entries!("and e.id = $2", org.0, id.0).fetch_optional(tx.conn()).await?.ok_or(Refusal::NotFound)?)
}

/// Those of these entries that there are, in no order.
pub(super) async fn load_all(tx: &mut Tx, ids: &[QueueEntryId]) -> Result<Vec<Entry>> {
    let org = tx.org()?;
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    Ok(entries!("and e.id = any($2)", org.0, &ids).fetch_all(tx.conn()).await?)
}

/// Locks an entry for change, and before it what is always locked first: the resource and the booking.
pub(super) async fn lock(tx: &mut Tx, id: QueueEntryId) -> Result<(Line, Booking, Entry)> {
    let seen = load(tx, id).await?;
    let line = line::lock(tx, seen.resource).await?;
    let booking = bookings::lock(tx, seen.booking).await?;
    Ok((line, booking, lock_alone(tx, id).await?))
}

/// Locks an entry whose resource and booking are locked.
pub(super) async fn lock_alone(tx: &mut Tx, id: QueueEntryId) -> Result<Entry> {
    let org = tx.org()?;
    sqlx::query!("select id from queue_entries where org_id = $1 and id = $2 for update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    load(tx, id).await
}

/// Moves a locked entry; it ends unless the status is a live one.
pub(super) async fn set_status(
    tx: &mut Tx,
    before: &Entry,
    status: EntryStatus,
    reason: Option<&str>,
) -> Result<Entry> {
    let (org, now) = (tx.org()?, tx.now());
    let mut after = Entry { status, version: before.version + 1, ..before.clone() };
    after.ended_at = if after.is_live() { None } else { Some(now) };
    after.reason = reason.map_or_else(|| before.reason.clone(), |reason| Some(reason.to_owned()));
    sqlx::query!(
        "update queue_entries set status = $3, reason = $4, ended_at = $5, version = $6 where org_id = $1 and id = $2",
        org.0,
        before.id.0,
        status.code(),
        after.reason,
        after.ended_at,
        after.version
    )
    .execute(tx.conn())
    .await?;
    tx.record(Change::moved("queue_entry", before.id, before, &after));
    Ok(after)
}
