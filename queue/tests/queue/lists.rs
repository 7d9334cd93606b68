//! Promise 12 for operators: lists by any filter, page by page, against a plain reading of the same tables.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use queue::{
    NewJob,
    admin::{self, Filter, JobRow, State},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::harness::{Chore, House, note};

/// Runs of twelve hours in five kinds of two queues, of three organizations and the house.
const RUNS: &str = "
    insert into queue.history (id, org_id, started_at, ended_at, duration_ms, attempt, queue, kind, outcome, reason)
    select gen_random_uuid(), case when n % 4 > 0 then lpad((n % 4)::text, 32, '0')::uuid end, now(),
           now() - n * interval '43 seconds', 5, 1, case when n % 5 = 4 then 'errands' else 'chores' end, 'kind.' || n % 5,
           case when n % 10 = 3 then 'retried' when n % 50 = 7 then 'lost' when n % 9 = 1 then 'again' else 'done' end,
           case when n % 20 = 3 then 'Timed out at ' || n when n % 10 = 3 then 'refused' end
    from generate_series(1, 1000) as n";

fn org(n: u128) -> Option<Uuid> {
    // written in decimal digits by the statement above
    Some(Uuid::from_u128(n))
}

/// All pages of a list, seven at a time.
async fn pages(conn: &mut PgConnection, state: State, filter: &Filter) -> Vec<JobRow> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = admin::list(conn, state, filter, after, 7).await.unwrap();
        assert!(page.jobs.len() <= 7);
        all.extend(page.jobs);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let places: Vec<_> = all.iter().map(|job| (job.at, job.id)).collect();
    assert!(places.windows(2).all(|pair| pair[0] > pair[1]), "newest first, each once");
    all
}

async fn expect(conn: &mut PgConnection, state: State, filter: Filter, plainly: &'static str) {
    let wanted: BTreeSet<(Uuid, DateTime<Utc>)> =
        sqlx::query_as::<_, (Uuid, DateTime<Utc>)>(plainly).fetch_all(&mut *conn).await.unwrap().into_iter().collect();
    assert!(!wanted.is_empty(), "{plainly}");
    let found = pages(conn, state, &filter).await;
    let found: BTreeSet<_> = found.into_iter().map(|job| (job.id, job.at)).collect();
    assert_eq!(found, wanted, "{state:?} {filter:?}");
    let count = admin::count(conn, state, &filter).await.unwrap();
    assert_eq!((count.count, count.exact), (i64::try_from(wanted.len()).unwrap(), true), "{state:?} {filter:?}");
}

#[tokio::test]
async fn runs_are_found_by_every_filter() {
    let house = House::build().await;
    sqlx::query(RUNS).execute(&house.pool).await.unwrap();
    let mut conn = house.pool.acquire().await.unwrap();
    let none = Filter::default;
    let finished = State::Finished;
    expect(&mut conn, finished, none(), "select id, ended_at from queue.history").await;
    let queue = Filter { queue: Some("errands".into()), ..none() };
    expect(&mut conn, finished, queue, "select id, ended_at from queue.history where queue = 'errands'").await;
    let kind = Filter { kind: Some("kind.3".into()), ..none() };
    expect(&mut conn, finished, kind, "select id, ended_at from queue.history where kind = 'kind.3'").await;
    let whose = Filter { org_id: org(2), ..none() };
    expect(&mut conn, finished, whose, "select id, ended_at from queue.history where right(org_id::text, 1) = '2'")
        .await;
    let both = Filter { kind: Some("kind.3".into()), org_id: org(2), queue: Some("chores".into()), ..none() };
    expect(
        &mut conn,
        finished,
        both,
        "select id, ended_at from queue.history where kind = 'kind.3' and right(org_id::text, 1) = '2'",
    )
    .await;
    let failed = "select id, ended_at from queue.history where outcome in ('retried', 'dead', 'lost')";
    expect(&mut conn, State::Failed, none(), failed).await;
    expect(&mut conn, State::Lost, none(), "select id, ended_at from queue.history where outcome = 'lost'").await;
    let text = Filter { error: Some("timed OUT".into()), kind: Some("kind.3".into()), ..none() };
    let timed = "select id, ended_at from queue.history where reason like 'Timed%' and kind = 'kind.3'";
    expect(&mut conn, State::Retried, text.clone(), timed).await;
    expect(&mut conn, finished, text, timed).await;
}

#[tokio::test]
async fn runs_are_found_by_their_time_and_nothing_where_nothing_is() {
    let house = House::build().await;
    sqlx::query(RUNS).execute(&house.pool).await.unwrap();
    let mut conn = house.pool.acquire().await.unwrap();
    let at: DateTime<Utc> =
        sqlx::query_scalar("select ended_at from queue.history order by ended_at offset 500 limit 1")
            .fetch_one(&mut *conn)
            .await
            .unwrap();
    let early = Filter { ended_before: Some(at), ..Filter::default() };
    assert_eq!(pages(&mut conn, State::Finished, &early).await.len(), 500);
    let late = Filter { ended_after: Some(at), ..Filter::default() };
    assert_eq!(pages(&mut conn, State::Finished, &late).await.len(), 500);
    for nothing in [
        Filter { kind: Some("kind.9".into()), ..Filter::default() },
        Filter { queue: Some("gone".into()), ..Filter::default() },
        Filter { org_id: org(9), ..Filter::default() },
        Filter { kind: Some("kind.3".into()), queue: Some("errands".into()), ..Filter::default() },
    ] {
        assert_eq!(pages(&mut conn, State::Finished, &nothing).await, [], "{nothing:?}");
    }
}

#[tokio::test]
async fn a_search_stops_and_says_where_to_go_on() {
    let house = House::build().await;
    sqlx::query(
        "insert into queue.history (id, ended_at, duration_ms, attempt, queue, kind, outcome, reason)
         select gen_random_uuid(), now() - n * interval '1 second', 5, 1, 'chores', 'note', 'retried',
                case when n = 5500 then 'the needle' else 'hay' end
         from generate_series(1, 7000) as n",
    )
    .execute(&house.pool)
    .await
    .unwrap();
    let mut conn = house.pool.acquire().await.unwrap();
    let filter = Filter { error: Some("needle".into()), ..Filter::default() };
    let first = admin::list(&mut conn, State::Failed, &filter, None, 5).await.unwrap();
    assert_eq!((first.jobs.len(), first.next.is_some()), (0, true));
    let second = admin::list(&mut conn, State::Failed, &filter, first.next, 5).await.unwrap();
    assert_eq!((second.jobs.len(), second.next), (1, None));
    let count = admin::count(&mut conn, State::Failed, &Filter::default()).await.unwrap();
    assert_eq!((count.count, count.exact), (admin::LOOKED_AT, false));
}

#[tokio::test]
async fn live_jobs_are_found_in_their_lines_and_shelves() {
    let house = House::build().await;
    let job = |n: u32, org: u128| NewJob::of(&Chore::Note { n }, Some(Uuid::from_u128(org)));
    let hour = TimeDelta::hours(1);
    let waiting: Vec<NewJob> = (1..40).map(|n| job(n, u128::from(n % 3 + 1))).collect();
    let later: Vec<NewJob> = (1..30_i32)
        .map(|n| job(n.unsigned_abs(), 1).at(Utc::now() + hour + TimeDelta::seconds(i64::from(n))))
        .collect();
    house.post(&waiting).await;
    house.post(&later).await;
    house.post(&[note(99).with_priority(NewJob::URGENT), NewJob::of(&Chore::Hasty, None)]).await;
    let mut conn = house.pool.acquire().await.unwrap();
    let all = Filter::default();
    expect(&mut conn, State::Waiting, all.clone(), "select id, run_at from queue.jobs where run_at <= now()").await;
    expect(&mut conn, State::Scheduled, all.clone(), "select id, run_at from queue.jobs where run_at > now()").await;
    let whose = Filter { org_id: org(2), kind: Some("note".into()), queue: Some("chores".into()), ..all };
    expect(
        &mut conn,
        State::Waiting,
        whose,
        "select id, run_at from queue.jobs where right(org_id::text, 1) = '2' and run_at <= now()",
    )
    .await;
    // due by the clock, and not yet moved into its line
    house.skip(4_000.0).await;
    let due = pages(&mut conn, State::Waiting, &Filter::default()).await;
    assert_eq!(due.len(), waiting.len() + later.len() + 2);
}
