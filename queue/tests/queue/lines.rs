//! Promises 5 and 8: lines take turns, notices say which, and what no notice told is found.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use queue::{Bell, RunnerSettings, Verdict, enqueue};
use tokio::time::sleep;

use crate::harness::{House, Log, note, note_of};

/// So long that only a notice or a timer can be quicker than the test's patience.
const HARDLY_EVER: Duration = Duration::from_secs(60);

fn patient() -> RunnerSettings {
    RunnerSettings { name: "patient".into(), concurrency: 4, poll: HARDLY_EVER, ..RunnerSettings::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_organizations_jobs_do_not_hold_up_anothers() {
    let house = House::build().await;
    house.post(&(0..3_000).map(|n| note_of(1, n)).collect::<Vec<_>>()).await;
    house.post(&[note_of(2, 10_000)]).await;
    let log = Log::default();
    let runner = house.runner("fair", 10, log.done());
    house.until(20, "select count(*) = 3001 from queue.history").await;
    runner.stop().await;
    let place = log.read().iter().position(|(n, _)| *n == 10_000).unwrap();
    assert!(place < 50, "the other organization's only job was number {place}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_comes_in_late_is_not_passed_by() {
    let house = House::build().await;
    let log = Log::default();
    let runner = house.runner("r", 20, log.done());
    let mut late = house.pool.begin().await.unwrap();
    enqueue(&mut late, &[note(0)]).await.unwrap();
    // Far more than a claim goes back for.
    house.post(&(1..2_000).map(note).collect::<Vec<_>>()).await;
    house.until(20, "select count(*) = 1999 from queue.history").await;
    late.commit().await.unwrap();
    house.until(5, "select count(*) = 2000 from queue.history").await;
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_is_enough_to_find_a_job_and_a_timer_to_start_it() {
    let house = House::build().await;
    let log = Log::default();
    let runner = house.runner_with(patient(), log.done());
    let bell = Bell::start(&house.pool);
    house.until(5, "select count(*) = 1 from queue.workers").await;
    sleep(Duration::from_millis(300)).await;

    let jobs = [note_of(1, 1), note(2)];
    house.post(&jobs).await;
    bell.announce(&jobs);
    house.until(10, "select count(*) = 2 from queue.history").await;

    let later = [note(3).at(Utc::now() + TimeDelta::seconds(2))];
    house.post(&later).await;
    bell.announce(&later);
    house.until(10, "select count(*) = 3 from queue.history").await;

    house.post(&[note(4)]).await;
    bell.ring("chores");
    house.until(10, "select count(*) = 4 from queue.history").await;
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_notice_a_job_is_found_at_the_next_poll() {
    let house = House::build().await;
    let log = Log::default();
    let runner = house.runner("r", 4, log.done());
    house.until(5, "select count(*) = 1 from queue.workers").await;
    sleep(Duration::from_millis(700)).await;
    house.post(&[note(1)]).await;
    house.until(5, "select count(*) = 1 from queue.history").await;
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_job_comes_back_by_its_timer() {
    let house = House::build().await;
    house.post(&[note(1)]).await;
    let runner = house.runner_with(patient(), |job| async move {
        let again = Verdict::Again(Duration::from_millis(600));
        if job.created_at + TimeDelta::milliseconds(500) > Utc::now() { again } else { Verdict::Done }
    });
    house.until(10, "select exists (select from queue.history where outcome = 'done')").await;
    assert!(house.count("select count(*) from queue.history where outcome = 'again'").await > 0);
    runner.stop().await;
}

#[tokio::test]
async fn runs_are_kept_by_the_day_and_forgotten_by_the_day() {
    let house = House::build().await;
    let day = |days: i64| (Utc::now() + TimeDelta::days(days)).format("%Y%m%d").to_string();
    let exists = async |name: String| -> bool {
        let sql = "select to_regclass('queue.history_' || $1) is not null";
        sqlx::query_scalar(sql).bind(name).fetch_one(&house.pool).await.unwrap()
    };
    assert!(exists(day(0)).await && exists(day(7)).await && !exists(day(8)).await);
    let old = "create table queue.history_20200101 partition of queue.history
                   for values from ('2020-01-01 00:00Z') to ('2020-01-02 00:00Z');
               insert into queue.history (id, ended_at, duration_ms, attempt, queue, kind, outcome)
               select gen_random_uuid(), at, 1, 1, 'chores', 'note', 'done'
               from unnest('{2020-01-01 08:00Z, 2020-02-01 08:00Z}'::timestamptz[]) as at";
    sqlx::raw_sql(old).execute(&house.pool).await.unwrap();
    assert_eq!(house.count("select count(*) from queue.history_other").await, 1, "no day was made for it");
    let service = house.as_service().await;
    let dropped: i32 = sqlx::query_scalar("select queue.keep_history(30, 9)").fetch_one(&service).await.unwrap();
    assert_eq!((dropped, house.count("select count(*) from queue.history").await), (1, 0));
    assert!(exists(day(9)).await);
    let outside = sqlx::query_scalar::<_, i32>("select queue.keep_history(0, 9)").fetch_one(&service).await;
    assert!(outside.is_err(), "today's history is not to be dropped by a slip");
}
