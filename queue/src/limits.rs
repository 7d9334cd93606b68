//! At most so many jobs of a kind at once for one organization, over all runners (promise 8).
//!
//! Only kinds that a runner was told about pay for it: their lines are claimed one by one under an advisory lock, and
//! each claimed job takes a slot. A slot counts only while its job is leased under the same lease, so nothing has to
//! give slots back: what ended, or died, no longer counts and is swept by the next claim.

use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::{
    claim::{Claimed, claim},
    line::Line,
    lines::Turn,
};

/// How many jobs of a kind may run at once for each organization, or for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The kind it is about.
    pub kind: String,
    /// The organization it is about; `None` for each that has no limit of its own.
    pub org_id: Option<Uuid>,
    /// The most that run at once, over all runners that were told the same; at least 1.
    pub running: u32,
}

/// The limit that holds for a line, if one does: an organization's own before the one for all.
pub(crate) fn limit_of(limits: &[Limit], line: &Line) -> Option<usize> {
    let ours = |limit: &&Limit| *limit.kind == *line.kind;
    let own = limits.iter().filter(ours).find(|limit| limit.org_id == Some(line.org));
    let all = limits.iter().filter(ours).find(|limit| limit.org_id.is_none());
    own.or(all).map(|limit| usize::try_from(limit.running.max(1)).unwrap_or(usize::MAX))
}

/// Claims within a limit. Fewer than the turn's quota may mean that the limit is reached and not that the line is empty.
pub(crate) async fn claim_within(
    conn: &mut PgConnection,
    worker: Uuid,
    queue: &str,
    turn: &Turn,
    limit: usize,
) -> Result<Vec<Claimed>, sqlx::Error> {
    let (org, kind) = (turn.line.org, &*turn.line.kind);
    let mut tx = conn.begin().await?;
    sqlx::query("select pg_advisory_xact_lock(hashtextextended(format('queue.slots %s %s %s', $1, $2, $3), 0))")
        .bind(queue)
        .bind(org)
        .bind(kind)
        .execute(&mut *tx)
        .await?;
    let taken: i64 = sqlx::query_scalar(
        "with swept as (
             delete from queue.slots s
             where s.queue = $1 and s.org_id = $2 and s.kind = $3
               and not exists (select from queue.jobs j where j.id = s.job_id and j.lease = s.lease)
         )
         select count(*) from queue.slots s join queue.jobs j on j.id = s.job_id and j.lease = s.lease
         where s.queue = $1 and s.org_id = $2 and s.kind = $3",
    )
    .bind(queue)
    .bind(org)
    .bind(kind)
    .fetch_one(&mut *tx)
    .await?;
    let free = limit.saturating_sub(usize::try_from(taken).unwrap_or(usize::MAX));
    let mut turn = turn.clone();
    turn.quota = turn.quota.min(free);
    let claimed = if turn.quota == 0 { Vec::new() } else { claim(&mut *tx, worker, queue, &[turn]).await? };
    if !claimed.is_empty() {
        sqlx::query(
            "insert into queue.slots (queue, org_id, kind, job_id, lease) select $1, $2, $3, unnest($4::uuid[]), $5
             on conflict (queue, org_id, kind, job_id) do update set lease = excluded.lease",
        )
        .bind(queue)
        .bind(org)
        .bind(kind)
        .bind(claimed.iter().map(|job| job.id).collect::<Vec<_>>())
        .bind(worker)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(claimed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organizations_own_limit_comes_before_the_one_for_all() {
        let org = Uuid::from_u128(7);
        let limits = [
            Limit { kind: "send".into(), org_id: None, running: 5 },
            Limit { kind: "send".into(), org_id: Some(org), running: 2 },
        ];
        assert_eq!(limit_of(&limits, &Line::new(0, Some(org), "send")), Some(2));
        assert_eq!(limit_of(&limits, &Line::new(0, None, "send")), Some(5));
        assert_eq!(limit_of(&limits, &Line::new(0, Some(org), "other")), None);
    }
}
