//! Promise 9: what an operator sees and does.

use std::{future::ready, time::Duration};

use chrono::{TimeDelta, Utc};
use queue::{
    NewJob, Verdict,
    admin::{self, Cancelled, Filter, Retried, State},
    drain,
};
use uuid::Uuid;

use crate::harness::{Chore, House, Log, note};

async fn chores(house: &House) -> admin::QueueState {
    let mut conn = house.pool.acquire().await.unwrap();
    admin::queues(&mut conn, &["chores".to_owned()]).await.unwrap().remove(0)
}

async fn kill(house: &House, jobs: &[NewJob], reason: &'static str) {
    house.post(jobs).await;
    drain(&house.pool, move |_: queue::Job<Chore>| ready(Verdict::Stop { reason: reason.into() })).await.unwrap();
}

#[tokio::test]
async fn counts_waiting_scheduled_and_dead_and_rates() {
    let house = House::build().await;
    kill(&house, &[note(9)], "no").await;
    house.post(&[note(1), note(2), note(3).at(Utc::now() + TimeDelta::hours(1))]).await;
    let seen = chores(&house).await;
    assert_eq!((seen.due, seen.scheduled, seen.in_flight, seen.dead, seen.paused), (2, 1, 0, 1, false));
    assert_eq!(seen.rates.len(), 1);
    assert_eq!(seen.rates[0].outcome, "dead");
    assert!((seen.rates[0].per_second - 1.0 / 60.0).abs() < 1e-9, "{:?}", seen.rates);
    house.skip(30.0).await;
    assert!(chores(&house).await.oldest_due_seconds >= 30.0);
    let mut conn = house.pool.acquire().await.unwrap();
    assert_eq!(admin::queue_names(&mut conn).await.unwrap(), ["chores"]);
    assert_eq!(admin::pending(&mut conn, "note").await.unwrap(), 3);
    assert_eq!(admin::left_over(&mut conn).await.unwrap(), 2);
}

#[tokio::test]
async fn a_paused_queue_starts_nothing_until_resumed() {
    let house = House::build().await;
    house.post(&[note(1)]).await;
    let mut conn = house.pool.acquire().await.unwrap();
    admin::pause(&mut conn, "chores").await.unwrap();
    admin::pause(&mut conn, "chores").await.unwrap();
    assert!(chores(&house).await.paused);
    let log = Log::default();
    assert_eq!(drain(&house.pool, log.done()).await.unwrap().runs(), 0);
    admin::resume(&mut conn, "chores").await.unwrap();
    assert_eq!(drain(&house.pool, log.done()).await.unwrap().done, 1);
}

#[tokio::test]
async fn a_dead_letter_is_posted_again_whole() {
    let house = House::build().await;
    let letter = note(7).traced(Some("00-aa-bb-01".into()));
    let id = letter.id;
    kill(&house, &[letter], "no").await;
    let mut conn = house.pool.acquire().await.unwrap();
    let letters = admin::list(&mut conn, State::Dead, &Filter::default(), None, 10).await.unwrap().jobs;
    assert_eq!((letters[0].id, letters[0].error.as_deref()), (id, Some("no")));

    assert!(matches!(admin::retry(&mut conn, id).await.unwrap(), Retried::Revived { queue, .. } if queue == "chores"));
    assert_eq!(admin::retry(&mut conn, id).await.unwrap(), Retried::Due);
    let log = Log::default();
    drain(&house.pool, log.done()).await.unwrap();
    assert_eq!(log.read(), [(7, 1)]);
    assert_eq!(admin::dead_count(&mut conn).await.unwrap(), 0);
    assert_eq!(admin::retry(&mut conn, id).await.unwrap(), Retried::Unknown);
    let runs: Vec<_> =
        admin::life(&mut conn, id).await.unwrap().unwrap().runs.into_iter().map(|run| run.outcome).collect();
    assert_eq!(runs, ["done", "dead"]);
}

#[tokio::test]
async fn a_dead_letter_stays_while_its_work_is_alive() {
    let house = House::build().await;
    let keyed = || NewJob::of(&Chore::Keyed { key: "k".into() }, None);
    let letter = keyed();
    let id = letter.id;
    kill(&house, &[letter], "no").await;
    house.post(&[keyed()]).await;
    let mut conn = house.pool.acquire().await.unwrap();
    assert_eq!(admin::retry(&mut conn, id).await.unwrap(), Retried::Alive);
    assert_eq!(admin::redrive(&mut conn, &Filter::default(), 10).await.unwrap(), Ok(vec![]));
    assert_eq!(admin::dead_count(&mut conn).await.unwrap(), 1);
}

#[tokio::test]
async fn a_scheduled_job_is_hastened_and_a_waiting_or_dead_one_cancelled() {
    let house = House::build().await;
    let later = |n| note(n).at(Utc::now() + TimeDelta::hours(1));
    let (hastened, dropped, waiting, dead) = (later(1), later(2), note(3), note(4));
    let ids = [hastened.id, dropped.id, waiting.id, dead.id];
    kill(&house, &[dead], "no").await;
    house.post(&[hastened, dropped, waiting]).await;
    let mut conn = house.pool.acquire().await.unwrap();
    assert!(matches!(admin::retry(&mut conn, ids[0]).await.unwrap(), Retried::Hastened { .. }));
    for (id, stood) in [(ids[1], "scheduled"), (ids[2], "waiting"), (ids[3], "dead")] {
        let gone = admin::cancel(&mut conn, id, "awa", "a test").await.unwrap();
        assert!(matches!(gone, Cancelled::Gone { was, .. } if was == stood), "{stood}");
    }
    assert_eq!(admin::cancel(&mut conn, ids[1], "awa", "a test").await.unwrap(), Cancelled::Unknown);
    let log = Log::default();
    drain(&house.pool, log.done()).await.unwrap();
    assert_eq!(log.read(), [(1, 1)]);
    let life = admin::life(&mut conn, ids[1]).await.unwrap().unwrap();
    assert_eq!((life.state.as_str(), life.runs[0].worker.as_deref()), ("cancelled", Some("awa")));
    assert_eq!(life.error.as_deref(), Some("a test"));
    let cancelled = admin::list(&mut conn, State::Cancelled, &Filter::default(), None, 10).await.unwrap();
    assert_eq!(cancelled.jobs.len(), 3);
}

#[tokio::test]
async fn the_row_of_a_running_job_is_never_touched() {
    let house = House::build().await;
    let job = note(1);
    let id = job.id;
    house.post(&[job]).await;
    let runner = house.runner("a", 1, |_| async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Verdict::Done
    });
    house.until(5, "select exists (select from queue.jobs where lease is not null)").await;
    let mut conn = house.pool.acquire().await.unwrap();
    let row = "select md5(j::text) from queue.jobs j";
    let before: String = sqlx::query_scalar(row).fetch_one(&house.pool).await.unwrap();
    assert_eq!(admin::cancel(&mut conn, id, "awa", "a test").await.unwrap(), Cancelled::Running);
    assert_eq!(admin::retry(&mut conn, id).await.unwrap(), Retried::Running);
    let after: String = sqlx::query_scalar(row).fetch_one(&house.pool).await.unwrap();
    assert_eq!(before, after);
    let running = admin::list(&mut conn, State::Running, &Filter::default(), None, 10).await.unwrap().jobs;
    assert_eq!((running.len(), running[0].worker.as_deref(), running[0].attempt), (1, Some("a"), 1));
    house.until(5, "select exists (select from queue.workers where running = 1)").await;
    assert_eq!(chores(&house).await.in_flight, 1);
    runner.stop().await;
}

#[tokio::test]
async fn what_died_alike_is_posted_again_together_or_not_at_all() {
    let house = House::build().await;
    kill(&house, &(0..1_200).map(note).collect::<Vec<_>>(), "Timed out").await;
    kill(&house, &[note(5_000)], "refused").await;
    let mut conn = house.pool.acquire().await.unwrap();
    let filter = Filter { error: Some("timed OUT".into()), ..Filter::default() };
    let groups = admin::dead_groups(&mut conn, &filter, 10).await.unwrap();
    assert_eq!((groups.len(), groups[0].kind.as_str(), groups[0].count), (1, "note", 1_200));
    assert_eq!(admin::redrive(&mut conn, &filter, 1_199).await.unwrap(), Err(1_200));
    assert_eq!(house.left().await, 0, "nothing was posted");
    assert_eq!(admin::redrive(&mut conn, &filter, 1_200).await.unwrap().unwrap().len(), 1_200);
    assert_eq!((house.left().await, admin::dead_count(&mut conn).await.unwrap()), (1_200, 1));
    let log = Log::default();
    drain(&house.pool, log.done()).await.unwrap();
    assert_eq!(log.read().len(), 1_200);
}

#[tokio::test]
async fn the_application_role_has_the_rights_it_needs_and_no_more() {
    let house = House::build().await;
    let pool = house.as_service().await;
    let mut conn = pool.acquire().await.unwrap();
    queue::enqueue(&mut conn, &[note(1)]).await.unwrap();
    assert!(queue::tick(&mut conn, "t", Utc::now(), &note(2)).await.unwrap());
    let stop = |_: queue::Job<Chore>| ready(Verdict::Stop { reason: "no".into() });
    drain(&pool, stop).await.unwrap();
    let all = Filter::default();
    for state in State::ALL {
        admin::list(&mut conn, state, &all, None, 10).await.unwrap();
        admin::count(&mut conn, state, &all).await.unwrap();
    }
    let letters = admin::list(&mut conn, State::Dead, &all, None, 10).await.unwrap().jobs;
    assert!(matches!(admin::retry(&mut conn, letters[0].id).await.unwrap(), Retried::Revived { .. }));
    assert_eq!(admin::redrive(&mut conn, &all, 10).await.unwrap().unwrap().len(), 1);
    assert!(matches!(admin::cancel(&mut conn, letters[0].id, "a", "b").await.unwrap(), Cancelled::Gone { .. }));
    admin::pause(&mut conn, "chores").await.unwrap();
    admin::resume(&mut conn, "chores").await.unwrap();
    assert_eq!(admin::queues(&mut conn, &["chores".to_owned()]).await.unwrap()[0].due, 1);
    admin::keep_history(&mut conn, 30).await.unwrap();
    assert!(admin::life(&mut conn, Uuid::nil()).await.unwrap().is_none());
    let settings = queue::RunnerSettings::default();
    let log = Log::default();
    let runner = queue::run(pool.clone(), settings, tokio::time::sleep(std::time::Duration::from_secs(1)), log.done());
    assert_eq!(runner.await.handed_back, Some(0));
    assert_eq!(log.read().len(), 1);
    for forbidden in ["update queue.history set attempt = 0", "delete from queue.ticks", "drop table queue.jobs"] {
        assert!(sqlx::query(forbidden).execute(&mut *conn).await.is_err(), "{forbidden}");
    }
}
