//! Staff propose something else (H10, SN16): another resource, another time. It holds nothing; whoever accepts claims
//! then, or hears that it is gone.

use super::{Alternative, AlternativeStatus, Ranking, entry, line, score, tell, wish};
use crate::{
    audit::Change, bookings, db::Tx, error::Result, ids::*, inventory::units::Span, notifications::NoticeKind,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde_json::json;

/// Open proposals one wish may have.
const MOST_OPEN: i64 = 5;

/// What staff propose.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Who proposes.
    pub by: UserId,
    /// What; the same thing at another time may be proposed.
    pub resource: ResourceId,
    /// First instant.
    pub start_at: DateTime<Utc>,
    /// First instant after.
    pub end_at: DateTime<Utc>,
    /// Why, 1 to 1000 characters; the person reads it.
    pub reason: String,
}

/// Proposes an alternative to an entry that waits or has an offer.
///
/// # Errors
/// [`Refusal::Invalid`] for a bad time or without a reason, [`Refusal::Policy`] when the thing is not booked like that
/// or too much is open already, [`Refusal::StateConflict`] when the entry ended, [`Refusal::NotFound`].
pub async fn propose(tx: &mut Tx, id: QueueEntryId, new: Proposal) -> Result<Alternative> {
    let reason = wish::reason(Some(new.reason))?.ok_or_else(|| Refusal::invalid("reason", "is needed"))?;
    let seen = entry::load(tx, id).await?;
    line::lock_both(tx, seen.resource, new.resource).await?;
    let (_, booking, entry) = entry::lock(tx, id).await?;
    entry.must_live()?;
    let other = line::lock(tx, new.resource).await?;
    if !other.open {
        return Err(Refusal::NotFound.into());
    }
    let span = Span { start: new.start_at, end: new.end_at };
    let moved = bookings::moved_to(tx, &booking, other.id, span, None).await?.booking;
    must_be_few(tx, id).await?;
    let alternative = Alternative {
        id: AlternativeId::new(),
        entry: id,
        proposed_by: new.by,
        resource: new.resource,
        start_at: moved.start_at,
        end_at: moved.end_at,
        status: AlternativeStatus::Open,
        reason,
        created_at: tx.now(),
    };
    let rows = score::head(tx, entry.resource, Some(id)).await?;
    insert(tx, &alternative, &Ranking::of(tx.now(), entry.discipline, id, &rows)?).await?;
    tx.record(Change::created("alternative", alternative.id, &alternative));
    let facts = json!({ "other": other.name, "other_at": alternative.start_at, "notes": alternative.reason });
    let line = line::lock(tx, entry.resource).await?;
    tell::tell(tx, &booking, &line.name, NoticeKind::AlternativeProposed, alternative.id.into(), &facts).await?;
    Ok(alternative)
}

async fn must_be_few(tx: &mut Tx, id: QueueEntryId) -> Result<()> {
    let org = tx.org()?;
    let value = sqlx::query_scalar!(
        r#"select count(*) as "n!" from alternatives where org_id = $1 and queue_entry_id = $2 and status = 'open'"#,
        org.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    if value >= MOST_OPEN {
        return Err(Refusal::Policy { rule: "open_alternatives", limit: MOST_OPEN, value }.into());
    }
    Ok(())
}

async fn insert(tx: &mut Tx, new: &Alternative, ranking: &Ranking) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "insert into alternatives (org_id, id, queue_entry_id, proposed_by, resource_id, start_at, end_at, reason, ranking,
                                   created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        org.0,
        new.id.0,
        new.entry.0,
        new.proposed_by.0,
        new.resource.0,
        new.start_at,
        new.end_at,
        new.reason,
        ranking.stored(),
        new.created_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
