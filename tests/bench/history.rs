//! What an operator asks of ten million finished jobs (QUEUE promise 12): each answer's p95 beside the goal.

use crate::figure::percentile;
use chrono::{TimeDelta, Utc};
use harness::TestDatabase;
use queue::admin::{self, Filter, State};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use std::time::{Duration, Instant};
use uuid::Uuid;

pub const FIGURE: &str = "history";

/// Finished jobs, over this many days.
const RUNS: i64 = 10_000_000;
const DAYS: i64 = 14;
/// What each answer may take at p95.
const GOAL_MS: f64 = 50.0;
const TRIES: usize = 100;

/// An organization as [`fill`] numbers them.
fn org(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// Twenty kinds, the first half of all jobs and the last one in a hundred thousand; two hundred organizations; one run in
/// a hundred went wrong. The same every time.
#[allow(clippy::disallowed_methods, reason = "the days that are filled are those before today")]
async fn fill(db: &PgPool) -> Result<(), sqlx::Error> {
    for day in 1..=DAYS {
        let name = (Utc::now() - TimeDelta::days(day)).format("%Y%m%d");
        let statement = format!(
            "do $$ begin
                 if to_regclass('queue.history_{name}') is null then
                     create table queue.history_{name} partition of queue.history
                         for values from (to_timestamp('{name} +00', 'YYYYMMDD TZH'))
                                      to (to_timestamp('{name} +00', 'YYYYMMDD TZH') + interval '1 day');
                 end if;
             end $$;
             insert into queue.history (id, org_id, started_at, ended_at, duration_ms, attempt, queue, kind, outcome,
                                        worker, reason, trace)
             select md5(n::text || ' {day}')::uuid, lpad(to_hex(1 + mod(n * 7919, 200)), 32, '0')::uuid, at, at, 12, 1,
                    case when kind % 2 = 0 then 'payments' else 'notifications' end, 'kind.' || lpad(kind::text, 2, '0'),
                    case when mod(n, 100) < 99 then 'done' when mod(n, 1000) = 99 then 'dead' else 'retried' end,
                    'worker-' || mod(n, 4),
                    case when mod(n, 100) = 99 then 'provider answered ' || 500 + mod(n / 100, 4) || ' after 30 s' end,
                    '00-' || md5(n::text) || '-00f067aa0ba902b7-01'
             from generate_series(1::bigint, {per_day}) as n
             cross join lateral (select to_timestamp('{name} +00', 'YYYYMMDD TZH') + n * interval '86399 s' / {per_day}) as t (at)
             cross join lateral (select case when mod(n * 104729, 100000) = 0 then 19 else
                                        least(18, floor(-ln((1 + mod(n * 15485863, 99991)) / 99992.0) / ln(2))::int) end)
                                as k (kind);",
            per_day = RUNS / DAYS
        );
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(db).await?;
    }
    sqlx::raw_sql("vacuum analyze queue.history").execute(db).await?;
    Ok(())
}

/// One question an operator asks.
#[derive(Clone, Copy)]
enum Question {
    List(State),
    Count(State),
    Life,
}

async fn ask(conn: &mut PgConnection, what: Question, filter: &Filter, id: Uuid) -> Result<usize, sqlx::Error> {
    Ok(match what {
        Question::List(state) => admin::list(conn, state, filter, None, 50).await?.jobs.len(),
        Question::Count(state) => usize::try_from(admin::count(conn, state, filter).await?.count).unwrap_or(0),
        Question::Life => admin::life(conn, id).await?.map_or(0, |life| life.runs.len()),
    })
}

#[allow(clippy::disallowed_methods, reason = "a week before today")]
fn questions() -> Vec<(&'static str, Question, Filter)> {
    let none = Filter::default;
    let kind = |kind: &str| Some(kind.to_owned());
    let finished = Question::List(State::Finished);
    let failed = Question::List(State::Failed);
    let rare = Filter { kind: kind("kind.19"), org_id: Some(org(7)), ..none() };
    let text = |text: &str| Filter { error: Some(text.to_owned()), ..none() };
    let a_day = Filter { ended_before: Some(Utc::now() - TimeDelta::days(7)), kind: kind("kind.01"), ..none() };
    vec![
        ("list_all", finished, none()),
        ("list_queue", finished, Filter { queue: Some("payments".to_owned()), ..none() }),
        ("list_kind", finished, Filter { kind: kind("kind.00"), ..none() }),
        ("list_rare_kind", finished, Filter { kind: kind("kind.19"), ..none() }),
        ("list_org", finished, Filter { org_id: Some(org(7)), ..none() }),
        ("list_kind_org", finished, Filter { kind: kind("kind.00"), org_id: Some(org(7)), ..none() }),
        ("list_rare_kind_org", finished, rare.clone()),
        ("list_a_week_ago", finished, a_day),
        ("list_failed", failed, none()),
        ("list_failed_org", failed, Filter { org_id: Some(org(7)), ..none() }),
        ("list_error_text", failed, text("answered 503")),
        ("list_error_absent", failed, text("no such text")),
        ("count_all", Question::Count(State::Finished), none()),
        ("count_kind", Question::Count(State::Finished), Filter { kind: kind("kind.00"), ..none() }),
        ("count_rare_kind_org", Question::Count(State::Finished), rare),
        ("count_failed", Question::Count(State::Failed), none()),
        ("count_error_text", Question::Count(State::Failed), text("answered 503")),
        ("life", Question::Life, none()),
    ]
}

/// Fills a database of its own and prints how long each question takes. Answers whether every goal was reached.
pub async fn measure() -> Result<bool, String> {
    let database = TestDatabase::create().await;
    let owner = database.owner().await;
    let began = Instant::now();
    fill(&owner).await.map_err(|error| format!("the history cannot be filled: {error}"))?;
    println!("bench history filled={RUNS} days={DAYS} seconds={:.0}", began.elapsed().as_secs_f64());
    let pool = database.service(2).await;
    let mut reached = true;
    for (name, what, filter) in questions() {
        let (p50, p95, found) = time(&pool, what, &filter).await.map_err(|error| format!("{name}: {error}"))?;
        let verdict = if p95 <= GOAL_MS { "reached" } else { "MISSED" };
        reached &= p95 <= GOAL_MS;
        println!("bench history.{name} found={found} p50_ms={p50:.2} p95_ms={p95:.2} goal<={GOAL_MS:.0} {verdict}");
    }
    Ok(reached)
}

async fn time(pool: &PgPool, what: Question, filter: &Filter) -> Result<(f64, f64, usize), sqlx::Error> {
    let mut conn = pool.acquire().await?;
    let ids: Vec<Uuid> =
        sqlx::query_scalar("select md5(n * 7001 || ' ' || 1 + mod(n, 14))::uuid from generate_series(1, 100) as n")
            .fetch_all(&mut *conn)
            .await?;
    let (mut took, mut found) = (Vec::new(), 0);
    for id in ids.iter().cycle().take(TRIES) {
        let began = Instant::now();
        found = ask(&mut conn, what, filter, *id).await?;
        took.push(Duration::as_secs_f64(&began.elapsed()) * 1_000.0);
    }
    took.sort_by(f64::total_cmp);
    Ok((percentile(&took, 50), percentile(&took, 95), found))
}
