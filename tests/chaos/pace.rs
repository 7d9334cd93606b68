//! A steady beat of jobs, and the pace at which they end: before something broke, and after.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{db::Scope, error::Result};
use futures::{StreamExt, stream::FuturesUnordered};
use harness::TestApp;
use queue::JobFamily;
use sqlx::PgPool;
use std::{
    cell::Cell,
    time::{Duration, Instant},
};
use tokio::time::MissedTickBehavior;

/// Between two jobs: 25 a second, which two cores carry beside everything else.
const BEAT: Duration = Duration::from_millis(40);
/// Commits on their way at most.
const ON_THEIR_WAY: usize = 4;
/// A commit that takes longer is given up: the next beat tries again.
const PATIENCE: Duration = Duration::from_secs(1);
/// The pace is back when a second brings so much of what it brought before.
const BACK: f64 = 0.95;

/// Posts a job at every beat, each in a commit of its own, until the time is over, which may be put off. What cannot be
/// committed is not posted later: the producer was told. Answers how many commits said yes.
pub async fn beat<J: JobFamily>(app: &TestApp, until: &Cell<Instant>, job: impl Fn(u64) -> J) -> u64 {
    let mut clock = tokio::time::interval(BEAT);
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut posting = FuturesUnordered::new();
    let (mut number, mut posted) = (0, 0);
    while Instant::now() < until.get() {
        tokio::select! {
            Some(well) = posting.next() => posted += u64::from(well),
            _ = clock.tick() => if posting.len() < ON_THEIR_WAY {
                number += 1;
                posting.push(said_yes(app, job(number)));
            }
        }
    }
    posted + posting.map(u64::from).fold(0, async |sum, well| sum + well).await
}

async fn said_yes(app: &TestApp, job: impl JobFamily) -> bool {
    tokio::time::timeout(PATIENCE, post(app, &job)).await.is_ok_and(|answer| answer.is_ok())
}

/// Posts one job in a commit of its own.
pub async fn post(app: &TestApp, job: &impl JobFamily) -> Result<()> {
    let mut tx = app.db.begin(Scope::system(app.org)).await?;
    tx.enqueue(job);
    tx.commit().await
}

/// The database's clock, by which the history is written.
pub async fn now(eyes: &PgPool) -> DateTime<Utc> {
    sqlx::query_scalar("select clock_timestamp()").fetch_one(eyes).await.unwrap()
}

/// Ends a second between two instants.
pub fn per_second(ends: &[DateTime<Utc>], from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    let within = ends.iter().filter(|end| (from..to).contains(*end)).count();
    within as f64 / ((to - from).as_seconds_f64())
}

/// Seconds after `up` from which on a second brings the pace of before; `until` when it never does.
pub fn seconds_to(pace: f64, ends: &[DateTime<Utc>], up: DateTime<Utc>, until: DateTime<Utc>) -> f64 {
    let second = TimeDelta::seconds(1);
    let starts = (0..).map(|step| up + TimeDelta::milliseconds(step * 20)).take_while(|start| *start + second <= until);
    let back = starts.into_iter().find(|start| per_second(ends, *start, *start + second) >= BACK * pace);
    (back.unwrap_or(until) - up).as_seconds_f64()
}

/// The longest time between two ends that lie between two instants.
pub fn longest_gap(ends: &[DateTime<Utc>], from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    let inside = ends.iter().copied().filter(|end| (from..to).contains(end));
    let marks: Vec<_> = [from].into_iter().chain(inside).chain([to]).collect();
    marks.windows(2).map(|pair| (pair[1] - pair[0]).as_seconds_f64()).fold(0.0, f64::max)
}
