//! `settle`: stored events of paid checkouts, each applied as its carrier does it: payment, booking, books, trail, messages
//! and the jobs that follow, in one commit of its own; beside plain transfers between two rows. `settle.hot` is all of them
//! in one organization beside a thousand organizations.

use crate::{
    figure::{Figure, Goal, median, percentile},
    peer,
    wish::Wish,
};
use domain::{
    db::{Db, Plans, Scope},
    ids::{EventId, OrgId},
    money::{Currency, Money},
    payments::{
        self,
        provider::{Checkout, CheckoutState, News},
    },
};
use harness::TestApp;
use sqlx::AssertSqlSafe;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use uuid::Uuid;

pub const FIGURE: &str = "settle";
pub const HOT: &str = "settle.hot";
const CLIENTS: usize = 16;
const PEER_ROUND: Duration = Duration::from_secs(6);
/// A settlement of ours is worth a transfer between two rows; more would need settlements that share a commit.
const GOAL: f64 = 1.0;
const GOAL_HOT: f64 = 0.95;
/// Every crowd has so many people, each with a bay and a wallet at the provider of their organization.
const PLACES: i32 = 1_000;

/// Measures; `settle_n` settlements a round, 3 000 unless told, in `settle_rounds` rounds.
///
/// # Errors
/// When something was not settled, or pgbench does not run.
pub async fn measure(wish: &Wish) -> Result<Vec<Figure>, String> {
    let app = TestApp::start().await;
    let figures = side_by_side(&app, wish.number("settle_n", 3_000), wish.number("settle_rounds", 3)).await;
    app.release();
    figures
}

async fn side_by_side(app: &TestApp, each: i32, rounds: i32) -> Result<Vec<Figure>, String> {
    let pool = app.database.service(u32::try_from(CLIENTS).unwrap() + 1).await;
    let db = Db::start(pool, Some(app.db.keys().map_err(|error| error.to_string())?));
    prepare(app).await;
    peer::prepare_transfers(&app.owner).await;
    let mut seen = Seen::default();
    for round in 0..=rounds {
        let hot = settle(&db, wait(app, "hot", each, round).await).await?;
        let spread = settle(&db, wait(app, "spread", each, round).await).await?;
        let theirs = peer::transfer(&app.database.name, CLIENTS, PEER_ROUND).await?;
        if round > 0 {
            println!(
                "  settle round {round}: hot {:.0}/s, spread {:.0}/s, transfers {:.0}/s",
                hot.0, spread.0, theirs.per_second
            );
            seen.hot.push(hot.0);
            seen.spread.push(spread.0);
            seen.waits.extend(spread.1);
            seen.theirs.push(theirs.per_second);
        }
    }
    let settled: i64 = app.count("select count(*) from inbound_events where status <> 'settled'").await;
    let unpaid: i64 = app.count("select count(*) from bookings where payment_status <> 'paid'").await;
    if settled + unpaid > 0 {
        return Err(format!("{settled} events were not settled, {unpaid} bookings not paid"));
    }
    app.assert_promises().await;
    Ok(seen.figures())
}

/// Settlements a second, and milliseconds of each.
type Rate = (f64, Vec<f64>);

#[derive(Default)]
struct Seen {
    hot: Vec<f64>,
    spread: Vec<f64>,
    theirs: Vec<f64>,
    waits: Vec<f64>,
}

impl Seen {
    fn figures(mut self) -> Vec<Figure> {
        self.waits.sort_by(f64::total_cmp);
        let (hot, spread) = (median(self.hot), median(self.spread));
        let name = format!("{FIGURE}/{CLIENTS}");
        let mut ours =
            Figure::new(&name, spread, "/s", "two_row_transfer", median(self.theirs)).with(Goal::AtLeast(GOAL));
        ours.more = vec![("p50_ms", percentile(&self.waits, 50)), ("p99_ms", percentile(&self.waits, 99))];
        let hot = Figure::new(HOT, hot, "/s", "1000_organizations", spread).with(Goal::AtLeast(GOAL_HOT));
        let figures = vec![ours, hot];
        figures.iter().for_each(Figure::print);
        figures
    }
}

async fn settle(db: &Db, events: Vec<(Uuid, Uuid)>) -> Result<Rate, String> {
    let (events, next) = (Arc::new(events), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let carriers: Vec<_> =
        (0..CLIENTS).map(|_| tokio::spawn(carry(db.clone(), events.clone(), next.clone()))).collect();
    let mut waits = Vec::with_capacity(events.len());
    for carrier in carriers {
        waits.extend(carrier.await.map_err(|error| error.to_string())??);
    }
    Ok((events.len() as f64 / began.elapsed().as_secs_f64(), waits))
}

async fn carry(db: Db, events: Arc<Vec<(Uuid, Uuid)>>, next: Arc<AtomicUsize>) -> Result<Vec<f64>, String> {
    let mut waits = Vec::new();
    while let Some((org, event)) = events.get(next.fetch_add(1, Ordering::Relaxed)) {
        let began = Instant::now();
        one(&db, OrgId(*org), EventId(*event)).await.map_err(|error| error.to_string())?;
        waits.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(waits)
}

async fn one(db: &Db, org: OrgId, event: EventId) -> domain::error::Result<()> {
    let mut tx = db.begin(Scope { plans: Plans::Kept, ..Scope::system(org) }).await?;
    payments::settle_event(&mut tx, event).await?;
    tx.commit().await
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
async fn wait(app: &TestApp, crowd: &str, count: i32, round: i32) -> Vec<(Uuid, Uuid)> {
    let waiting = sqlx::query_as(
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
    sqlx::raw_sql("analyze bookings, payments, inbound_events, operations, claims, accounts, entries")
        .execute(&app.owner)
        .await
        .unwrap();
    waiting
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
