//! What the post room's tables say. All that chaos knows of them stands here.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use std::collections::HashMap;
use uuid::Uuid;

/// Jobs that are due or running.
pub const DUE: &str = "select count(*) from queue.jobs where run_at <= app_now() or lease is not null";
/// Jobs that were given up.
pub const DEAD: &str = "select count(*) from queue.dead";
/// Starts that were charged and brought no end, and deaths noted: none while every job ends at its first try.
pub const CHARGED: &str = "select (select coalesce(sum(attempt - 1), 0) from queue.history
                                          where attempt > 1 and outcome in ('done', 'dead'))
                                + (select coalesce(sum(attempt + deaths), 0) from queue.jobs where lease is null)
                                + (select coalesce(sum(attempts), 0) from queue.dead)";
/// What is due or dead, in words.
pub const UNFINISHED: &str = "select format('%s %s x%s: %s', 'due', kind, count(*), min(last_error)) from queue.jobs
     where run_at <= app_now() or lease is not null group by kind
     union all select format('%s %s x%s: %s', 'dead', kind, count(*), min(reason)) from queue.dead group by kind";

/// A job in somebody's hand.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Held {
    pub id: Uuid,
    pub kind: String,
    lease: Option<Uuid>,
    attempt: i32,
    deaths: i16,
}

impl Held {
    /// Whether, as it stands `now`, it still waits to be taken up: under the lease of old, or free and not claimed since.
    pub fn waits(&self, now: &Self) -> bool {
        let untouched = now.lease.is_none() && now.deaths > self.deaths && now.attempt == self.attempt;
        now.lease == self.lease || untouched
    }
}

/// What one worker has in hand, named by its process id; or everybody.
pub async fn in_hand(eyes: &PgPool, worker: Option<u32>) -> sqlx::Result<Vec<Held>> {
    sqlx::query_as(
        "select j.id, j.kind, j.lease, j.attempt, j.deaths from queue.jobs j left join queue.workers w on w.id = j.lease
         where j.lease is not null and ($1 is null or w.name like '%-' || $1)",
    )
    .bind(worker.map(|pid| pid.to_string()))
    .fetch_all(eyes)
    .await
}

/// Whether a worker has a job in hand that lost two workers already.
pub async fn blamed_twice(eyes: &PgPool, worker: u32) -> bool {
    let held = in_hand(eyes, Some(worker)).await.unwrap();
    held.iter().any(|held| held.deaths >= 2)
}

/// How jobs stand; those that ended are not among them.
pub async fn standing(eyes: &PgPool, jobs: &[Uuid]) -> sqlx::Result<HashMap<Uuid, Held>> {
    let rows: Vec<Held> = sqlx::query_as("select id, kind, lease, attempt, deaths from queue.jobs where id = any($1)")
        .bind(jobs)
        .fetch_all(eyes)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// When jobs of a kind ended well, in order.
pub async fn ends_of(eyes: &PgPool, kind: &str) -> Vec<DateTime<Utc>> {
    let sql = "select ended_at from queue.history where kind = $1 and outcome = 'done' order by ended_at";
    sqlx::query_scalar(sql).bind(kind).fetch_all(eyes).await.unwrap()
}

/// How many of these jobs ended more than once, or by the hand of a worker whose name begins so.
pub async fn ended_twice_or_by(eyes: &PgPool, jobs: &[Uuid], worker: &str) -> i64 {
    let sql =
        "select count(*) from (select from queue.history where id = any($1) and outcome in ('done', 'dead') group by id
                                     having count(*) > 1 or bool_or(worker like $2 || '%')) as wrong";
    sqlx::query_scalar(sql).bind(jobs).bind(worker).fetch_one(eyes).await.unwrap()
}

/// The dead letters of a kind: how many workers each killed.
pub async fn deaths_of(eyes: &PgPool, kind: &str) -> Vec<i16> {
    sqlx::query_scalar("select deaths from queue.dead where kind = $1").bind(kind).fetch_all(eyes).await.unwrap()
}

/// An operator looked at the dead letters of a kind and threw them away.
pub async fn forget_dead(eyes: &PgPool, kind: &str) {
    sqlx::query("delete from queue.dead where kind = $1").bind(kind).execute(eyes).await.unwrap();
}
