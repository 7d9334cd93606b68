//! What was decided in a line while somebody stood in it, each with the ranking it was decided by (★7): an offer, made
//! by the ranking or by hand, a refusal, a proposal.

use super::{Ranking, entry};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    paging::{Listed, Page},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// One decision.
#[derive(Debug, Clone)]
pub struct Decision {
    /// `offered`, `proposed` or `refused`.
    pub kind: String,
    /// The offer, the alternative, or the entry that was refused.
    pub id: Uuid,
    /// About whom.
    pub entry: QueueEntryId,
    /// Who decided; nobody when the ranking did.
    pub by: Option<UserId>,
    /// Why, where a person decided.
    pub reason: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// How the line stood.
    pub ranking: Ranking,
}

/// Decisions in the line of an entry from its first instant in it to its last, the newest first.
///
/// # Errors
/// [`crate::refusals::Refusal::NotFound`].
pub async fn decisions(tx: &mut Tx, id: QueueEntryId, page: Page) -> Result<Listed<Decision>> {
    let entry = entry::load(tx, id).await?;
    let (org, until) = (tx.org()?, entry.ended_at.unwrap_or(tx.now()));
    let rows = sqlx::query!(
        r#"with line as (select q.id, q.reason, q.refused_by, q.refused_ranking, q.ended_at from queue_entries q
                         where q.org_id = $1 and q.resource_id = $2),
           decided as (
               select 'offered' as kind, o.id, o.queue_entry_id as entry, o.made_by as by, o.reason, o.ranking,
                      o.created_at as at
               from line l join offers o on o.org_id = $1 and o.queue_entry_id = l.id
               union all
               select 'proposed', a.id, a.queue_entry_id, a.proposed_by, a.reason, a.ranking, a.created_at
               from line l join alternatives a on a.org_id = $1 and a.queue_entry_id = l.id
               union all
               select 'refused', l.id, l.id, l.refused_by, l.reason, l.refused_ranking, l.ended_at
               from line l where l.refused_ranking is not null)
           select kind as "kind!", id as "id!", entry as "entry!: QueueEntryId", by as "by: UserId", reason,
                  ranking as "ranking!", at as "at!", count(*) over () as "total!"
           from decided where at between $3 and $4 order by at desc, id limit $5 offset $6"#,
        org.0,
        entry.resource.0,
        entry.created_at,
        until,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let decision = |kind, id, entry, by, reason, ranking, at| {
        Ok(Decision { kind, id, entry, by, reason, at, ranking: Ranking::read(ranking)? })
    };
    let items = rows.into_iter().map(|r| decision(r.kind, r.id, r.entry, r.by, r.reason, r.ranking, r.at));
    Ok(Listed { items: items.collect::<Result<_>>()?, total })
}
