//! Looking at the queue: which lines have jobs, and which jobs' time has come. Two statements that a runner needs
//! beside its claims; the surveyor decides when.

use std::time::Duration;

use sqlx::{PgConnection, Row};

use crate::{claim::seconds, line::Line, lines::Place};

/// The most lines one survey names.
pub(crate) const LINES: usize = 1_000;
/// The most jobs moved into their lines at once.
const MOVED: i64 = 2_000;

/// What became due, and when to look again.
#[derive(Debug, Default)]
pub(crate) struct Due {
    /// Lines that jobs were moved into.
    pub lines: Vec<Line>,
    /// Until the next job is due; zero when more are due already.
    pub next: Option<Duration>,
}

/// Moves jobs whose time has come into their lines.
pub(crate) async fn move_due(conn: &mut PgConnection, queue: &str) -> Result<Due, sqlx::Error> {
    let row = sqlx::query(
        "with moved as (
             update queue.jobs set ready = true
             where ctid = any(array(
                 select ctid from queue.jobs
                 where queue = $1 and not ready and run_at <= (select public.app_now()) and deaths = 0 and lease is null
                 order by run_at, id limit $2 for update skip locked))
             returning priority, org_id, kind
         ), line as (
             select distinct priority, org_id, kind from moved
         )
         select array(select priority from line order by 1, org_id, kind),
                array(select org_id from line order by priority, 1, kind),
                array(select kind from line order by priority, org_id, 1),
                (select case when count(*) = $2 then 0::float8 end from moved),
                (select extract(epoch from run_at - public.app_now())::float8 from queue.jobs
                 where queue = $1 and not ready and run_at > (select public.app_now()) and deaths = 0
                 order by run_at, id limit 1)",
    )
    .bind(queue)
    .bind(MOVED)
    .fetch_one(conn)
    .await?;
    let (priorities, orgs, kinds): (Vec<i16>, Vec<_>, Vec<String>) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let lines = priorities.into_iter().zip(orgs).zip(kinds);
    let lines = lines.map(|((priority, org), kind)| Line { priority, org, kind: kind.into() }).collect();
    let next = row.try_get::<Option<f64>, _>(3)?.or(row.try_get(4)?);
    Ok(Due { lines, next: next.map(seconds) })
}

/// The lines that have a job waiting, from `after` on, each with the place of its first: one probe of the index a line.
pub(crate) async fn survey(
    conn: &mut PgConnection,
    queue: &str,
    after: Option<&Line>,
) -> Result<Vec<(Line, Place)>, sqlx::Error> {
    let rows = sqlx::query(
        "with recursive line as (
             (select priority, org_id, kind, run_at, id from queue.jobs
              where queue = $1 and ready and lease is null and (priority, org_id, kind) > ($2, $3, $4)
              order by priority, org_id, kind, run_at, id limit 1)
             union all
             select next.* from line cross join lateral (
                 select j.priority, j.org_id, j.kind, j.run_at, j.id from queue.jobs j
                 where j.queue = $1 and j.ready and j.lease is null
                   and (j.priority, j.org_id, j.kind) > (line.priority, line.org_id, line.kind)
                 order by j.priority, j.org_id, j.kind, j.run_at, j.id limit 1
             ) as next
         )
         select priority, org_id, kind, run_at, id from line limit $5",
    )
    .bind(queue)
    .bind(after.map_or(i16::MIN, |line| line.priority))
    .bind(after.map_or_else(Default::default, |line| line.org))
    .bind(after.map_or("", |line| &line.kind))
    .bind(i64::try_from(LINES).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let kind: String = row.try_get(2)?;
            let line = Line { priority: row.try_get(0)?, org: row.try_get(1)?, kind: kind.into() };
            Ok((line, (row.try_get(3)?, row.try_get(4)?)))
        })
        .collect()
}
