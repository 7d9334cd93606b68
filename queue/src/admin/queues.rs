//! How the queues stand.

use sqlx::{FromRow, PgConnection};

/// Waiting jobs and dead letters are counted up to here; beyond, the exact number is not worth its price.
pub const COUNTED_TO: i64 = 100_000;

/// Runs of each kind looked at for the rates.
const SAMPLED: i64 = 2_000;

/// The state of one queue, by `app_now()`. A count of [`COUNTED_TO`] means that many or more.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueState {
    /// Its name.
    pub queue: String,
    /// Jobs that wait and are due.
    pub due: i64,
    /// Jobs that wait for a later time.
    pub scheduled: i64,
    /// Jobs that run, as each runner said at most a second ago.
    pub in_flight: i64,
    /// How long the oldest due job has been due, in seconds; 0 when none is.
    pub oldest_due_seconds: f64,
    /// Dead letters.
    pub dead: i64,
    /// Whether an operator paused it.
    pub paused: bool,
    /// Runs a second over the last minute, by outcome; an outcome that did not occur is left out.
    pub rates: Vec<Rate>,
}

/// How often runs ended in a certain way.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// done, again, retried, dead, lost or cancelled.
    pub outcome: String,
    /// Runs a second.
    pub per_second: f64,
}

#[derive(FromRow)]
struct Counted {
    queue: String,
    due: i64,
    scheduled: i64,
    in_flight: i64,
    oldest_due_seconds: f64,
    dead: i64,
    paused: bool,
}

/// Every queue that has a job, a dead letter, a runner or a pause.
///
/// # Errors
/// When the database fails.
pub async fn queue_names(conn: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "with recursive due as (
             (select queue from queue.jobs where ready order by queue limit 1)
             union all
             select next.queue from due cross join lateral
                 (select queue from queue.jobs where ready and queue > due.queue order by queue limit 1) as next
         ), later as (
             (select queue from queue.jobs where not ready order by queue limit 1)
             union all
             select next.queue from later cross join lateral
                 (select queue from queue.jobs where not ready and queue > later.queue order by queue limit 1) as next
         ), dead as (
             (select queue from queue.dead order by queue limit 1)
             union all
             select next.queue from dead cross join lateral
                 (select queue from queue.dead where queue > dead.queue order by queue limit 1) as next
         )
         select queue from due union select queue from later union select queue from dead
         union select queue from queue.workers union select queue from queue.paused order by 1",
    )
    .fetch_all(conn)
    .await
}

/// These queues, in this order, whether or not they hold anything.
///
/// # Errors
/// When the database fails.
pub async fn queues(conn: &mut PgConnection, names: &[String]) -> Result<Vec<QueueState>, sqlx::Error> {
    let counted: Vec<Counted> = sqlx::query_as(
        "with recursive line as (
             select head.* from unnest($1::text[]) as known (queue) cross join lateral
                 (select j.queue, j.priority, j.org_id, j.kind, j.run_at from queue.jobs j
                  where j.queue = known.queue and j.ready and j.lease is null
                  order by j.priority, j.org_id, j.kind, j.run_at, j.id limit 1) as head
             union all
             select next.* from line cross join lateral
                 (select j.queue, j.priority, j.org_id, j.kind, j.run_at from queue.jobs j
                  where j.queue = line.queue and j.ready and j.lease is null
                    and (j.priority, j.org_id, j.kind) > (line.priority, line.org_id, line.kind)
                  order by j.priority, j.org_id, j.kind, j.run_at, j.id limit 1) as next
         ), oldest as (
             select queue, min(run_at) as run_at from (select * from line limit 10000) as line group by queue
         )
         select known.queue, due.jobs as due, later.jobs as scheduled, held.jobs as in_flight,
                coalesce(extract(epoch from public.app_now() - least(oldest.run_at, overdue.run_at)), 0)::float8
                    as oldest_due_seconds,
                letters.jobs as dead,
                exists (select from queue.paused p where p.queue = known.queue) as paused
         from unnest($1::text[]) with ordinality as known (queue, place)
         left join oldest on oldest.queue = known.queue
         cross join lateral
             (select min(j.run_at) as run_at from queue.jobs j
              where j.queue = known.queue and not j.ready and j.lease is null and j.run_at <= public.app_now()) as overdue
         cross join lateral
             (select count(*) as jobs from (
                 (select from queue.jobs j where j.queue = known.queue and j.ready and j.lease is null limit $2)
                 union all
                 (select from queue.jobs j where j.queue = known.queue and not j.ready and j.lease is null
                                             and j.run_at <= public.app_now() limit $2) limit $2) as waiting) as due
         cross join lateral
             (select count(*) as jobs from (
                 select from queue.jobs j where j.queue = known.queue and not j.ready and j.run_at > public.app_now()
                 limit $2) as waiting) as later
         cross join lateral
             (select count(*) as jobs from (select from queue.dead d where d.queue = known.queue limit $2) as d) as letters
         cross join lateral
             (select coalesce(sum(w.running), 0) as jobs from queue.workers w where w.queue = known.queue) as held
         order by known.place",
    )
    .bind(names)
    .bind(COUNTED_TO)
    .fetch_all(&mut *conn)
    .await?;
    let rates = rates(conn).await?;
    let state = |Counted { queue, due, scheduled, in_flight, oldest_due_seconds, dead, paused }| {
        let rates = rates.iter().filter(|(of, ..)| *of == queue);
        let rates = rates.map(|(_, outcome, per_second)| Rate { outcome: outcome.clone(), per_second: *per_second });
        QueueState { rates: rates.collect(), queue, due, scheduled, in_flight, oldest_due_seconds, dead, paused }
    };
    Ok(counted.into_iter().map(state).collect())
}

/// From the newest runs of each kind within the last minute: where there are more than the sample holds, the rate is
/// that of the sample's own span.
async fn rates(conn: &mut PgConnection) -> Result<Vec<(String, String, f64)>, sqlx::Error> {
    sqlx::query_as(
        "with recursive known as (
             -- the whole day, so that the index goes from kind to kind without looking at times
             (select h.kind from queue.history h
              where h.ended_at >= date_trunc('day', now() - interval '1 minute', 'utc') order by h.kind limit 1)
             union all
             select (select h.kind from queue.history h
                     where h.ended_at >= date_trunc('day', now() - interval '1 minute', 'utc') and h.kind > known.kind
                     order by h.kind limit 1)
             from known where known.kind is not null
         ), run as (
             select run.*, count(*) over (partition by known.kind) as found,
                    min(run.ended_at) over (partition by known.kind) as since
             from known cross join lateral
                 (select h.queue, h.outcome, h.ended_at from queue.history h
                  where h.kind = known.kind and h.ended_at > now() - interval '1 minute'
                  order by h.ended_at desc, h.id desc limit $1) as run
         )
         select queue, outcome,
                sum(1 / case when found < $1 then 60
                             else greatest(extract(epoch from clock_timestamp() - since), 0.001) end)::float8
         from run group by queue, outcome order by queue, outcome",
    )
    .bind(SAMPLED)
    .fetch_all(conn)
    .await
}
