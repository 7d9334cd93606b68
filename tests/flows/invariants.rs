//! ★17: each promise has somebody who looks. Every kind of corruption, done by hand behind the product's back, is
//! reported by exactly the check that should, and the operator sees it.

use domain::{db::Scope, invariants};
use harness::{Options, Person, TestApp, story::uuid};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

/// A settled booking, an unpaid one and a ride that was earned: something of everything to corrupt.
async fn busy_app() -> TestApp {
    let mut options = Options::default();
    options.settings.referral.referrer = 1_000;
    options.settings.referral.referee = 500;
    let app = TestApp::start_with(options).await;
    let (ride, rider) = (app.ride(3, 6_000).await, app.rider().await);
    let (earned, _) = app.paid_booking(&rider, &ride, 1).await;
    let (kept, kept_rider) = (app.ride(2, 5_000).await, app.rider().await);
    app.paid_booking(&kept_rider, &kept, 1).await;
    app.book(&app.rider().await, &kept, 1).await;
    app.advance(chrono::TimeDelta::hours(47) + chrono::TimeDelta::minutes(30)).await;
    app.take_ride(&rider, &ride, &earned).await;
    app.drain().await;
    app
}

async fn broken(app: &TestApp) -> Vec<String> {
    let mut tx = app.db.begin(Scope::nowhere()).await.unwrap();
    let checks = invariants::check_all(&mut tx).await.unwrap();
    checks.into_iter().filter(|check| check.violations > 0).map(|check| check.name).collect()
}

/// Somebody holds an offer, somebody waits behind.
async fn offering_app() -> TestApp {
    let app = TestApp::start().await;
    let (bays, stands) = app.full(1, "score").await;
    for _ in 0..2 {
        app.wait(&app.rider().await, &bays).await;
    }
    app.give_back(&bays, &stands[0]).await;
    app.drain().await;
    app
}

async fn corrupt(app: TestApp, sql: &str) -> (TestApp, Vec<String>) {
    assert_eq!(broken(&app).await, Vec::<String>::new(), "sound before");
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&app.owner).await.unwrap();
    let found = broken(&app).await;
    (app, found)
}

/// The corrupted database is thrown away: `finish` would rightly refuse it.
async fn reported(sql: &str, by: &[&str]) {
    reported_in(busy_app().await, sql, by).await;
}

async fn reported_in(app: TestApp, sql: &str, by: &[&str]) {
    let (mut app, found) = corrupt(app, sql).await;
    assert_eq!(found, by, "after: {sql}");
    app.forgive();
}

#[tokio::test]
async fn a_franc_that_appears_from_nowhere() {
    reported(
        "alter table entries disable trigger user;
         update entries set amount = amount + 1 where id = (select e.id from entries e
             join accounts a on a.org_id = e.org_id and a.id = e.account_id where a.kind = 'commission')",
        &["ledger_zero_sum", "bookings_have_their_postings", "money_is_shared_as_agreed"],
    )
    .await;
}

#[tokio::test]
async fn a_balance_that_drifted_from_its_entries() {
    reported("update accounts set cached_balance = cached_balance - 1 where kind = 'earnings'", &["cached_balances"])
        .await;
}

#[tokio::test]
async fn two_claims_on_one_seat() {
    reported(
        "alter table claims drop constraint claims_no_overlap;
         insert into claims (org_id, id, unit_id, during, source, source_id)
         select org_id, gen_random_uuid(), unit_id, during, 'offer', gen_random_uuid() from claims
         where active and source = 'booking' limit 1",
        &["no_overlapping_claims"],
    )
    .await;
}

/// A claim on a seat that was let go, and beside it one whose life ended this much later than the first began.
fn once_held(overlap: &str) -> String {
    format!(
        "alter table claims disable trigger claims_life;
         update claims set freed_at = taken_at + interval '1 hour' where not active;
         insert into claims (org_id, id, unit_id, during, source, source_id, active, taken_at, freed_at)
         select org_id, gen_random_uuid(), unit_id, during, 'offer', gen_random_uuid(), false, taken_at - interval '1 hour',
                taken_at + interval '{overlap}'
         from claims where not active and source = 'booking' limit 1"
    )
}

#[tokio::test]
async fn two_people_who_once_had_one_seat() {
    // both let go long ago and the constraint sees neither: the history does
    reported(&once_held("1 minute"), &["no_overlapping_claims"]).await;
    // one after the other is how it should be
    for apart in ["0 s", "-1 minute"] {
        let (mut app, found) = corrupt(busy_app().await, &once_held(apart)).await;
        assert_eq!(found, Vec::<String>::new());
        app.forgive();
    }
}

#[tokio::test]
async fn a_booking_that_lost_its_seat() {
    reported(
        "update claims set active = false where source_id = (select id from bookings where status = 'confirmed')",
        &["bookings_hold_their_claims"],
    )
    .await;
}

#[tokio::test]
async fn a_confirmed_booking_nobody_paid() {
    reported(
        "update bookings set status = 'confirmed' where status = 'approved' or status = 'expired';
         update claims set active = true where source_id in (select id from bookings where status = 'confirmed')",
        &["bookings_have_their_postings"],
    )
    .await;
}

#[tokio::test]
async fn a_fine_that_was_paid_without_money() {
    reported(
        "insert into fines (org_id, id, user_id, reason, amount, currency, status, paid_at)
         select org_id, gen_random_uuid(), beneficiary_user_id, 'other', 100, 'XOF', 'paid', app_now() from bookings limit 1",
        &["fines_have_their_postings"],
    )
    .await;
}

#[tokio::test]
async fn a_payment_that_succeeded_without_an_effect() {
    reported(
        "insert into payments (org_id, id, direction, purpose, subject_type, subject_id, method, provider_key, amount,
                               currency, status)
         select org_id, gen_random_uuid(), 'in', 'booking', 'booking', id, 'wave', 'x', 1, 'XOF', 'succeeded'
         from bookings limit 1",
        &["one_effect_per_event"],
    )
    .await;
}

#[tokio::test]
async fn an_offer_that_lost_its_bay() {
    let sql = "update claims set active = false where source = 'offer'";
    reported_in(offering_app().await, sql, &["offers_hold_their_claims"]).await;
}

#[tokio::test]
async fn an_ended_offer_that_still_holds_its_bay() {
    let sql = "update offers set status = 'expired', answered_at = app_now();
               update queue_entries set status = 'waiting' where status = 'offered'";
    reported_in(offering_app().await, sql, &["offers_hold_their_claims"]).await;
}

#[tokio::test]
async fn somebody_offered_something_without_an_offer() {
    let sql = "update queue_entries set status = 'offered' where status = 'waiting'";
    reported_in(offering_app().await, sql, &["waiting_is_in_line"]).await;
}

#[tokio::test]
async fn a_booking_that_waits_in_no_line() {
    let sql = "update queue_entries set status = 'cancelled', ended_at = app_now() where status = 'waiting'";
    reported_in(offering_app().await, sql, &["waiting_is_in_line"]).await;
}

/// Given, brought along, sold, corrected: by doors that post into the books at once.
async fn generous(app: &TestApp) {
    let (manager, awa) = (app.keeper().await, app.rider().await);
    let make = async |by: &Person, path: &str, body: Value| {
        app.ask(Method::POST, path).by(by).key(uuid()).json(&body).send().await.expect(201)
    };
    for (code, effect, value) in
        [("CREDIT", "credit", 5_000), ("MILLE", "amount_off", 1_000), ("TOUT", "percent_off", 100)]
    {
        make(&manager, "/promos", json!({ "code": code, "effect": effect, "value": value })).await;
    }
    make(&awa, "/promos/redeem", json!({ "code": "CREDIT" })).await;
    let pack =
        make(&manager, "/ticket-offers", json!({ "name": "10", "tickets": 10, "price": 2_000 })).await.text("/id");
    make(&awa, "/ticket-purchases", json!({ "ticket_offer_id": pack, "method": "wallet" })).await;
    let delta = json!({ "user_id": awa.id, "currency": "TKT", "delta": -3, "reason": "Counted twice" });
    make(&manager, "/wallet-adjustments", delta).await;
    let code = app.get(&manager, "/referrals/code").await.expect(200).text("/code");
    make(&awa, "/referrals", json!({ "code": code })).await;
    let ride = app.ride(3, 3_000).await;
    for (code, given_up) in [("MILLE", true), ("TOUT", false)] {
        let booking = app.book(&awa, &ride, 1).await;
        make(&awa, "/promos/redeem", json!({ "code": code, "booking_id": booking })).await;
        if given_up {
            app.try_pay_by("wallet", &awa, &booking).await.expect(201);
            app.step(&awa, &booking, "cancel").await.expect(200);
        }
    }
}

/// Paid, earned, paid out, given up and refunded.
async fn rich_app() -> TestApp {
    let app = busy_app().await;
    generous(&app).await;
    let finance = app.person("Mariam", &["finance"]).await;
    app.ask(reqwest::Method::POST, "/payouts/run").by(&finance).key("p").send().await.expect(202);
    app.drain().await;
    let (ride, rider) = (app.ride(2, 4_000).await, app.rider().await);
    let (given_up, _) = app.paid_booking(&rider, &ride, 1).await;
    app.step(&rider, &given_up, "cancel").await.expect(200);
    app.drain().await;
    app.advance(chrono::TimeDelta::hours(1)).await;
    app.drain().await;
    app
}

/// Takes one transaction away in a transaction that is never committed, and asks every promise.
async fn without(app: &TestApp, id: uuid::Uuid, header: bool) -> Vec<String> {
    let mut tx = app.owner.begin().await.unwrap();
    let sides =
        format!("set local session_replication_role = replica; delete from entries where transaction_id = '{id}'");
    sqlx::raw_sql(AssertSqlSafe(sides)).execute(&mut *tx).await.unwrap();
    if header {
        let header = format!("delete from ledger_transactions where id = '{id}'");
        sqlx::raw_sql(AssertSqlSafe(header)).execute(&mut *tx).await.unwrap();
    }
    let mut broken = Vec::new();
    for name in invariants::PROMISES {
        // what people's balances say is kept beside the entries; it must be seen without it
        let found: i64 = sqlx::query_scalar("select violations from check_invariant($1)")
            .bind(name)
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        if found > 0 && name != "cached_balances" {
            broken.push(name.to_owned());
        }
    }
    tx.rollback().await.unwrap();
    broken
}

#[tokio::test]
async fn no_posting_can_be_missing_unseen() {
    let app = rich_app().await;
    let all: Vec<(uuid::Uuid, String)> =
        sqlx::query_as("select id, kind from ledger_transactions order by id").fetch_all(&app.owner).await.unwrap();
    let kinds: std::collections::BTreeSet<&str> = all.iter().map(|(_, kind)| kind.as_str()).collect();
    for kind in [
        "booking_paid",
        "booking_completed",
        "payout_scheduled",
        "payout_confirmed",
        "refund_started",
        "refund_confirmed",
        "discount_returned",
        "promo_credited",
        "referral_rewarded",
        "tickets_sold",
        "wallet_adjusted",
    ] {
        assert!(kinds.contains(kind), "{kind} is not among {kinds:?}");
    }
    for (id, kind) in &all {
        for header in [false, true] {
            assert_ne!(without(&app, *id, header).await, Vec::<String>::new(), "{kind} without {id}, header {header}");
        }
    }
    // and each side by itself
    let sides: Vec<(uuid::Uuid,)> = sqlx::query_as("select id from entries").fetch_all(&app.owner).await.unwrap();
    for (side,) in &sides {
        let mut tx = app.owner.begin().await.unwrap();
        let gone = format!("set local session_replication_role = replica; delete from entries where id = '{side}'");
        sqlx::raw_sql(AssertSqlSafe(gone)).execute(&mut *tx).await.unwrap();
        let found: i64 = sqlx::query_scalar("select violations from check_invariant('ledger_zero_sum')")
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        assert_eq!(found, 1);
        tx.rollback().await.unwrap();
    }
    app.finish().await;
}

#[tokio::test]
async fn a_commission_that_is_not_what_was_agreed() {
    reported(
        "alter table entries disable trigger user;
         update entries e set amount = e.amount + case a.kind when 'commission' then 100 else -100 end
         from accounts a where a.org_id = e.org_id and a.id = e.account_id and a.kind in ('commission', 'earnings');
         update accounts set cached_balance = cached_balance - 100 where kind = 'earnings'",
        &["money_is_shared_as_agreed"],
    )
    .await;
}

/// Where a discount stands is somebody else's promise than where the price does.
#[tokio::test]
async fn a_gift_that_the_payer_got_back() {
    let app = busy_app().await;
    generous(&app).await;
    let sql = "insert into accounts (org_id, id, owner_type, owner_id, kind, currency)
               select id, gen_random_uuid(), 'org', id, 'suspense', 'XOF' from organizations on conflict do nothing;
               alter table entries disable trigger user;
               update entries e set account_id = (select id from accounts where org_id = e.org_id and kind = 'suspense')
               from ledger_transactions t
               where t.org_id = e.org_id and t.id = e.transaction_id and t.kind = 'discount_returned' and e.amount < 0";
    reported_in(app, sql, &["money_is_shared_as_agreed"]).await;
}

#[tokio::test]
async fn a_transaction_that_lost_its_sides() {
    reported(
        "alter table entries disable trigger user;
         insert into ledger_transactions (org_id, id, kind, subject_type, subject_id, dedupe_key, occurred_at)
         select id, gen_random_uuid(), 'unexplained_money', 'payment', gen_random_uuid(), 'x', app_now() from organizations limit 1",
        &["transactions_are_whole"],
    )
    .await;
}
