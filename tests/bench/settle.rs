//! `settle`: jobs of stored events of paid checkouts, carried by a worker's own runner: payment, booking, books, trail,
//! messages, the jobs that follow and the end of the job itself; those that wait at the same time share a commit. Beside plain
//! transfers between two rows. All of them are in one organization; `settle.spread` is the same over a thousand, and
//! `settle.hot` is one beside the thousand.

use crate::{
    figure::{Figure, Goal, median},
    peer,
    wish::Wish,
};
use domain::{
    db::Db,
    ids::EventId,
    jobs::Payments,
    money::{Currency, Money},
    payments::provider::{Checkout, CheckoutState, News},
};
use harness::TestApp;
use queue::{NewJob, RunnerSettings};
use sqlx::AssertSqlSafe;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use worker::{Env, EnvSettings, payments::handle};

pub const FIGURE: &str = "settle";
pub const SPREAD: &str = "settle.spread";
pub const HOT: &str = "settle.hot";
const PEER_CLIENTS: usize = 16;
const PEER_ROUND: Duration = Duration::from_secs(6);
/// Connections of the worker's rules, beside those of its runner.
const CONNECTIONS: u32 = 16;
/// A settlement of ours is worth a transfer between two rows.
const GOAL: f64 = 1.0;
const GOAL_HOT: f64 = 0.95;
/// Every crowd has so many people, each with a bay and a wallet at the provider of their organization.
const PLACES: i32 = 1_000;

/// Measures; `settle_n` settlements a round, 6 000 unless told, in `settle_rounds` rounds; a worker runs `settle_at_once` jobs
/// at once, 64 unless told.
///
/// # Errors
/// When something was not settled, or pgbench does not run.
pub async fn measure(wish: &Wish) -> Result<Vec<Figure>, String> {
    let app = TestApp::start().await;
    let (each, rounds) = (wish.number("settle_n", 6_000), wish.number("settle_rounds", 3));
    let figures = side_by_side(&app, each, rounds, wish.number("settle_at_once", 64)).await;
    app.release();
    figures
}

async fn side_by_side(app: &TestApp, each: i32, rounds: i32, at_once: usize) -> Result<Vec<Figure>, String> {
    let db =
        Db::start(app.database.service(CONNECTIONS).await, Some(app.db.keys().map_err(|error| error.to_string())?));
    let env = Arc::new(Env::new(db, EnvSettings::default()).map_err(|error| error.to_string())?);
    prepare(app).await;
    peer::prepare_transfers(&app.owner).await;
    let (mut hot, mut spread, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds {
        wait(app, env.db(), "hot", each, round).await?;
        let one = settle(app, &env, each, at_once).await?;
        wait(app, env.db(), "spread", each, round).await?;
        let thousand = settle(app, &env, each, at_once).await?;
        let transfers = peer::transfer(&app.database.name, PEER_CLIENTS, PEER_ROUND).await?.per_second;
        if round > 0 {
            println!("  settle round {round}: hot {one:.0}/s, spread {thousand:.0}/s, transfers {transfers:.0}/s");
            hot.push(one);
            spread.push(thousand);
            theirs.push(transfers);
        }
    }
    let unsettled: i64 = app.count("select count(*) from inbound_events where status <> 'settled'").await;
    let unpaid: i64 = app.count("select count(*) from bookings where payment_status <> 'paid'").await;
    if unsettled + unpaid > 0 {
        return Err(format!("{unsettled} events were not settled, {unpaid} bookings not paid"));
    }
    app.assert_promises().await;
    let (hot, spread, theirs) = (median(hot), median(spread), median(theirs));
    let figures = vec![
        Figure::new(FIGURE, hot, "/s", "two_row_transfer", theirs).with(Goal::AtLeast(GOAL)),
        Figure::new(SPREAD, spread, "/s", "two_row_transfer", theirs),
        Figure::new(HOT, hot, "/s", "1000_organizations", spread).with(Goal::AtLeast(GOAL_HOT)),
    ];
    figures.iter().for_each(Figure::print);
    Ok(figures)
}

/// Has a worker carry all of them. Answers settlements a second.
async fn settle(app: &TestApp, env: &Arc<Env>, count: i32, at_once: usize) -> Result<f64, String> {
    let stopping = CancellationToken::new();
    let settings = RunnerSettings { concurrency: at_once, ..RunnerSettings::default() };
    let (pool, stop) = (env.db().pool().clone(), stopping.clone().cancelled_owned());
    let began = Instant::now();
    let carried = tokio::spawn(queue::run(pool, settings, stop, handle(env.clone())));
    while app.count("select exists (select from queue.jobs where kind = 'inbound.settle')::int::bigint").await > 0 {
        if began.elapsed() > Duration::from_secs(300) {
            return Err("the settlements never end".into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let took = began.elapsed();
    stopping.cancel();
    carried.await.map_err(|error| error.to_string())?;
    Ok(f64::from(count) / took.as_secs_f64())
}

/// Two crowds: a thousand people of one organization, and a thousand organizations of one.
async fn prepare(app: &TestApp) {
    let (org, account) = (app.org, app.account);
    let sql = format!(
        "create table bench_places (crowd text, n int, org uuid, account uuid, person uuid, resource uuid, unit uuid,
                                    primary key (crowd, n));
         insert into bench_places select 'hot', n, '{org}', '{account}', gen_random_uuid(), gen_random_uuid(), gen_random_uuid()
             from generate_series(1, {PLACES}) n;
         insert into bench_places select 'spread', n, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
             gen_random_uuid(), gen_random_uuid() from generate_series(1, {PLACES}) n;
         insert into organizations (id, slug, name, timezone, currency)
             select org, 'bench-' || n, 'Bench ' || n, 'Africa/Abidjan', 'XOF' from bench_places where crowd = 'spread';
         insert into provider_accounts (org_id, id, provider, secret_ref, currency)
             select org, account, 'wave', 'BENCH_' || n, 'XOF' from bench_places where crowd = 'spread';
         insert into users (id, full_name, locale) select person, 'Person ' || n, 'fr' from bench_places;
         insert into identities (user_id, kind, value, verified_at)
             select person, 'email', crowd || n || '@bench.test', now() from bench_places;
         insert into memberships (org_id, user_id) select org, person from bench_places;
         insert into resources (org_id, id, kind, name) select org, resource, 'parking', 'Park ' || n from bench_places;
         insert into units (org_id, id, resource_id, label) select org, unit, resource, 'B-1' from bench_places;
         analyze"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&app.owner).await.unwrap();
}

/// So many bookings whose payment is under way, and the provider's word that it was paid, which nobody has read.
async fn wait(app: &TestApp, db: &Db, crowd: &str, count: i32, round: i32) -> Result<(), String> {
    let waiting: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "with due as materialized (
             select p.*, gen_random_uuid() as booking, gen_random_uuid() as payment, gen_random_uuid() as operation,
                    gen_random_uuid() as event,
                    date_trunc('hour', app_now()) + make_interval(days => 2, hours => $3 * (1 + $2 / 1000) + k / 1000) as start_at
             from generate_series(0, $2 - 1) k join bench_places p on p.crowd = $1 and p.n = 1 + k % 1000),
         booked as (
             insert into bookings (org_id, id, code, resource_id, kind, creator_user_id, beneficiary_user_id, status,
                                   payment_status, start_at, end_at, timezone, quantity, price, currency, policy_snapshot,
                                   hold_expires_at)
             select org, booking, upper(left(md5(booking::text), 8)), resource, 'parking', person, person, 'approved',
                    'processing', start_at, start_at + interval '1 hour', 'Africa/Abidjan', 1, 2000, 'XOF', '{}',
                    app_now() + interval '1 hour' from due),
         given as (
             insert into booking_items (org_id, booking_id, resource_id, unit_id, unit_label)
             select org, booking, resource, unit, 'B-1' from due),
         held as (
             insert into claims (org_id, id, unit_id, during, source, source_id)
             select org, gen_random_uuid(), unit, tstzrange(start_at, start_at + interval '1 hour'), 'booking', booking from due),
         asked as (
             insert into operations (org_id, id, kind, status, subject_type, subject_id, waiting_for)
             select org, operation, 'payment', 'waiting', 'payment', payment, 'payer' from due),
         opened as (
             insert into payments (org_id, id, direction, purpose, subject_type, subject_id, user_id, method,
                                   provider_account_id, provider_ref, provider_key, amount, currency, status, operation_id)
             select org, payment, 'in', 'booking', 'booking', booking, person, 'wave', account, 'cos-' || payment,
                    payment::text, 2000, 'XOF', 'submitted', operation from due)
         insert into inbound_events (org_id, id, provider_account_id, event_key, kind, news, body, fresh)
         select org, event, account, 'EV-' || payment, 'checkout.session.completed',
                $4 || jsonb_build_object('provider_ref', 'cos-' || payment, 'client_reference', payment::text), 'sealed', true
         from due returning org_id, id",
    )
    .bind(crowd)
    .bind(count)
    .bind(round)
    .bind(word())
    .fetch_all(&app.owner)
    .await
    .unwrap();
    let mut conn = db.pool().acquire().await.map_err(|error| error.to_string())?;
    for some in waiting.chunks(500) {
        let jobs =
            some.iter().map(|(org, event)| NewJob::of(&Payments::SettleEvent { event: EventId(*event) }, Some(*org)));
        queue::enqueue(&mut conn, &jobs.collect::<Vec<_>>()).await.map_err(|error| error.to_string())?;
    }
    sqlx::raw_sql("analyze bookings, payments, inbound_events, operations, claims, accounts, entries, queue.jobs")
        .execute(&app.owner)
        .await
        .unwrap();
    Ok(())
}

/// What the provider says of every one of them, but for which it is.
fn word() -> serde_json::Value {
    let checkout = Checkout {
        provider_ref: String::new(),
        client_reference: None,
        price: Money { amount: 2_000, currency: Currency::Xof },
        state: CheckoutState::Paid { transaction_ref: Some("T".into()) },
        launch_url: None,
        expires_at: None,
        callback_digest: None,
    };
    serde_json::to_value(News::CheckoutPaid(checkout)).unwrap()
}
