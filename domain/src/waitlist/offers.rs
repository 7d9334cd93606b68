//! Offers and alternatives as they stand, and how they end.

use super::{AlternativeStatus, OfferStatus};
use crate::{audit::Change, db::Tx, error::Result, ids::*, inventory::units, refusals::Refusal};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

/// Units held for the next in a line.
#[derive(Debug, Clone, Serialize)]
pub struct Offer {
    /// Its id.
    pub id: OfferId,
    /// Whose.
    pub entry: QueueEntryId,
    /// Which units.
    pub unit_ids: Vec<Uuid>,
    /// Where it stands.
    pub status: OfferStatus,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
    /// Who made it; nobody when the ranking chose.
    pub made_by: Option<UserId>,
    /// Why it was made out of order, or taken back.
    pub reason: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
}

/// What staff propose instead of what is waited for.
#[derive(Debug, Clone, Serialize)]
pub struct Alternative {
    /// Its id.
    pub id: AlternativeId,
    /// To whom.
    pub entry: QueueEntryId,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// What.
    pub resource: ResourceId,
    /// First instant.
    pub start_at: DateTime<Utc>,
    /// First instant after.
    pub end_at: DateTime<Utc>,
    /// Where it stands.
    pub status: AlternativeStatus,
    /// Why.
    pub reason: String,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
}

macro_rules! offers {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Offer,
            r#"select o.id as "id: OfferId", o.queue_entry_id as "entry: QueueEntryId", o.unit_ids,
                      o.status as "status: OfferStatus", o.expires_at, o.made_by as "made_by: UserId", o.reason, o.created_at,
                      o.answered_at
               from offers o where o.org_id = $1 "# + $tail,
            $($argument),*
        )
    };
}

macro_rules! alternatives {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Alternative,
            r#"select a.id as "id: AlternativeId", a.queue_entry_id as "entry: QueueEntryId",
                      a.proposed_by as "proposed_by: UserId", a.resource_id as "resource: ResourceId", a.start_at, a.end_at,
                      a.status as "status: AlternativeStatus", a.reason, a.created_at
               from alternatives a where a.org_id = $1 "# + $tail,
            $($argument),*
        )
    };
}

/// The newest offer of an entry.
pub(super) async fn newest_of(tx: &mut Tx, entry: QueueEntryId) -> Result<Option<Offer>> {
    let org = tx.org()?;
    Ok(offers!("and o.queue_entry_id = $2 order by o.created_at desc, o.id limit 1", org.0, entry.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// The open offer of a locked entry, locked.
pub(super) async fn lock_open(tx: &mut Tx, entry: QueueEntryId) -> Result<Option<Offer>> {
    let org = tx.org()?;
    Ok(offers!("and o.queue_entry_id = $2 and o.status = 'open' for update", org.0, entry.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// The offer with this id, not locked.
pub(super) async fn load(tx: &mut Tx, id: OfferId) -> Result<Offer> {
    let org = tx.org()?;
    Ok(offers!("and o.id = $2", org.0, id.0).fetch_optional(tx.conn()).await?.ok_or(Refusal::NotFound)?)
}

/// Open offers on a locked resource whose time is over, whether or not their timer came.
pub(super) async fn overdue_on(tx: &mut Tx, resource: ResourceId) -> Result<Vec<Offer>> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(offers!(
        "and o.status = 'open' and o.expires_at <= $3
         and o.queue_entry_id in (select e.id from queue_entries e
                                  where e.org_id = $1 and e.resource_id = $2 and e.status = 'offered')
         order by o.expires_at",
        org.0,
        resource.0,
        now
    )
    .fetch_all(tx.conn())
    .await?)
}

/// What was proposed to an entry, the newest first.
pub(super) async fn alternatives_of(tx: &mut Tx, entry: QueueEntryId) -> Result<Vec<Alternative>> {
    let org = tx.org()?;
    Ok(alternatives!("and a.queue_entry_id = $2 order by a.created_at desc, a.id limit 50", org.0, entry.0)
        .fetch_all(tx.conn())
        .await?)
}

/// What a proposal to an entry is about.
pub(super) async fn resource_of_alternative(tx: &mut Tx, entry: QueueEntryId, id: AlternativeId) -> Result<ResourceId> {
    let org = tx.org()?;
    Ok(alternatives!("and a.queue_entry_id = $2 and a.id = $3", org.0, entry.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?
        .resource)
}

/// One proposal to an entry, locked.
pub(super) async fn lock_alternative(tx: &mut Tx, entry: QueueEntryId, id: AlternativeId) -> Result<Alternative> {
    let org = tx.org()?;
    Ok(alternatives!("and a.queue_entry_id = $2 and a.id = $3 for update", org.0, entry.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?)
}

/// Answers an open proposal.
pub(super) async fn answer(tx: &mut Tx, before: &Alternative, status: AlternativeStatus) -> Result<()> {
    if before.status != AlternativeStatus::Open {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update alternatives set status = $3, answered_at = $4, version = version + 1
         where org_id = $1 and id = $2 and status = 'open'",
        org.0,
        before.id.0,
        status.code(),
        now
    )
    .execute(tx.conn())
    .await?;
    tx.record(Change::moved("alternative", before.id, before, Alternative { status, ..before.clone() }));
    Ok(())
}

/// Takes back every open proposal to an entry that ends.
pub(super) async fn withdraw_alternatives(tx: &mut Tx, entry: QueueEntryId) -> Result<()> {
    let org = tx.org()?;
    let open = alternatives!("and a.queue_entry_id = $2 and a.status = 'open' for update", org.0, entry.0)
        .fetch_all(tx.conn())
        .await?;
    for alternative in open {
        answer(tx, &alternative, AlternativeStatus::Withdrawn).await?;
    }
    Ok(())
}

/// Ends an offer that is open, and frees its units; answers whether it was.
pub(super) async fn end(tx: &mut Tx, offer: OfferId, status: OfferStatus, reason: Option<&str>) -> Result<bool> {
    let (org, now) = (tx.org()?, tx.now());
    let ended = sqlx::query!(
        "update offers set status = $3, answered_at = $4, reason = coalesce(reason, $5), version = version + 1
         where org_id = $1 and id = $2 and status = 'open'",
        org.0,
        offer.0,
        status.code(),
        now,
        reason
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if ended == 0 {
        return Ok(false);
    }
    if status != OfferStatus::Accepted {
        units::release(tx, offer.into()).await?;
    }
    let (before, after) = (json!({ "status": "open" }), json!({ "status": status.code(), "reason": reason }));
    tx.record(Change::moved("offer", offer, before, after));
    Ok(true)
}
