//! A whole life of one person, for the questions of what is held about them and what is left when they are forgotten.

use crate::{
    app::TestApp,
    people::Person,
    story::{Ride, uuid},
};
use chrono::TimeDelta;
use domain::{db::Scope, ids::OrgId, organizations::members};
use reqwest::Method;
use serde_json::json;
use sqlx::AssertSqlSafe;

/// Everything somebody typed, or was typed about them: none of it may be left when they are forgotten.
pub const STRINGS: [&str; 16] = [
    "Zoubida",
    "Traoré",
    "zoubida",
    "ZOUB-0042",
    "zoub-front",
    "zoub-back",
    "zoub-verdict",
    "ZB 01 ZB",
    "zoub-phone",
    "zoub-note",
    "zoub-rules",
    "zoub-luggage",
    "zoub-label",
    "zoub.test/back",
    "zoub-event",
    "zoub-hash",
];

/// Somebody with a life in two organizations: drives and rides, paid and was paid, was reviewed, wrote and was written to.
pub struct Life {
    pub person: Person,
    pub admin: Person,
    pub other: OrgId,
    /// A driver whose rider she was; holds a repeatable answer about her.
    pub driver: Person,
}

async fn join(app: &TestApp, person: &Person, org: OrgId, role: &str) {
    let mut tx = app.db.begin(Scope::system(org)).await.unwrap();
    members::grant(&mut tx, person.id, role).await.unwrap();
    tx.commit().await.unwrap();
}

async fn present(app: &TestApp) -> Person {
    let person = app.person("Zoubida", &["driver", "manager"]).await;
    let names = json!({ "full_name": "Zoubida Traoré", "first_name": "Zoubida", "last_name": "Traoré" });
    app.ask(Method::PATCH, "/me").by(&person).json(&names).send().await.expect(200);
    let device = json!({ "platform": "android", "push_token": "zoub-phone" });
    app.post(&person, "/me/devices", &device).await.expect(201);
    sqlx::query("update sessions set device_label = 'zoub-label' where user_id = $1")
        .bind(person.id.0)
        .execute(&app.owner)
        .await
        .unwrap();
    sqlx::query(
        "insert into credentials (user_id, kind, algorithm, secret_hash) values ($1, 'password', 'argon2id', $2)",
    )
    .bind(person.id.0)
    .bind("zoub-hash")
    .execute(&app.owner)
    .await
    .unwrap();
    let quiet = json!({ "locale": "en" });
    let put = app.ask(Method::PUT, "/me/preferences").by(&person).header("if-match", "\"0\"").json(&quiet);
    put.send().await.expect(200);
    app.ask(Method::POST, "/auth/otp/send")
        .json(&json!({ "phone": person.phone, "purpose": "sign_in" }))
        .send()
        .await
        .expect(200);
    person
}

async fn drive(app: &TestApp, person: &Person, admin: &Person) {
    let paper = json!({ "doc_type": "driving_licence", "doc_number": "ZOUB-0042", "front_key": "kyc/zoub-front.jpg",
                        "back_key": "kyc/zoub-back.jpg" });
    let ask = app.ask(Method::POST, "/me/kyc").by(person).key(uuid()).json(&paper);
    let id = ask.send().await.expect(201).text("/id");
    let verdict = json!({ "notes": "zoub-verdict" });
    app.post(admin, &format!("/kyc/{id}/approve"), &verdict).await.expect(200);
    let car =
        json!({ "make": "Toyota", "model": "Yaris", "color": "red", "plate_number": "ZB 01 ZB", "seats_total": 5 });
    let vehicle = app.post(person, "/vehicles", &car).await.expect(201).text("/id");
    let mut body = app.trip_body(2, 6_000).await;
    body["vehicle_id"] = json!(vehicle);
    body["rules"] = json!("zoub-rules");
    body["luggage_policy"] = json!("zoub-luggage");
    let ride = app.ride_of(person, body).await;
    let stop = json!({ "stops": [{ "lat": 5.9, "lon": -4.8, "text": "Tiassalé" }] });
    app.post(person, &format!("/trips/{}/stops", ride.id), &stop).await.expect(200);
    let rider = app.rider().await;
    let (booking, _) = app.paid_booking(&rider, &ride, 1).await;
    app.advance(ride.departure - app.now().await - TimeDelta::minutes(30)).await;
    app.take_ride(&rider, &ride, &booking).await;
    app.drain().await;
}

/// She rides with somebody else, who answers by hand and keeps the answer under a key.
async fn ride_along(app: &TestApp, person: &Person) -> Ride {
    let driver = app.driver().await;
    let mut body = app.trip_body(2, 3_000).await;
    body["allow_auto_accept"] = json!(false);
    let ride = app.ride_of(&driver, body).await;
    let ask = json!({ "trip_id": ride.id, "seats": 1, "note": "zoub-note" });
    let book = app.ask(Method::POST, "/bookings").by(person).key(uuid()).json(&ask);
    let booking = book.send().await.expect(201).text("/id");
    let approve = format!("/bookings/{booking}/approve");
    app.ask(Method::POST, &approve).by(&driver).key("yes").json(&json!({})).send().await.expect(200);
    let pay =
        json!({ "booking_id": booking, "method": "wave", "return_url": "https://app.allocar.test/zoub.test/back" });
    let ask = app.ask(Method::POST, "/payments").by(person).key(uuid()).header("prefer", "wait=0").json(&pay);
    let payment = ask.send().await.expect(202).text("/subject/id");
    app.drain().await;
    app.pay_checkout(&app.checkout_of(&payment)).await;
    app.advance(ride.departure - app.now().await - TimeDelta::minutes(30)).await;
    app.take_ride(person, &ride, &booking).await;
    app.drain().await;
    ride
}

pub async fn live(app: &TestApp) -> Life {
    let other = app.other_organization("autocar").await;
    let (person, admin) = (present(app).await, app.person("Ibrahim", &["admin"]).await);
    join(app, &person, other, "driver").await;
    let there = Person { org: other, ..person.clone() };
    let paper = json!({ "doc_type": "passport", "doc_number": "ZOUB-0042", "front_key": "kyc/zoub-front.jpg" });
    app.post(&there, "/me/kyc", &paper).await.expect(201);
    drive(app, &person, &admin).await;
    let ride = ride_along(app, &person).await;
    let finance = app.person("Mariam", &["finance"]).await;
    app.ask(Method::POST, "/payouts/run").by(&finance).key(uuid()).send().await.expect(202);
    app.drain().await;
    let say = json!({ "audience": { "type": "role", "role": "driver" }, "subject": "Bonjour", "body": "Bonjour." });
    app.ask(Method::POST, "/notifications").by(&person).key(uuid()).json(&say).send().await.expect(202);
    app.drain().await;
    let statement = json!({ "kind": "wallet", "format": "csv" });
    app.post(&person, "/reports", &statement).await.expect(202);
    app.advance(TimeDelta::seconds(3)).await;
    app.drain().await;
    by_hand(app, &person).await;
    Life { person, admin, other, driver: ride.driver }
}

/// What takes a story of its own to come about: an invitation that was accepted, a wish that came to nothing, a fine that
/// was forgiven, a department led, hours of every week, calendars shown and handed over.
async fn by_hand(app: &TestApp, person: &Person) {
    app.forgive_unaudited(); // and an erasure rewrites the trail by which changes are told
    sqlx::query(
        "with guest as (
             insert into invitations (org_id, id, contact_kind, contact, role, locale, letter, expires_at, accepted_at,
                                      accepted_by)
             values ($1, gen_random_uuid(), 'email', $3, 'member', 'fr', 'none', app_now(), app_now(), $2)
         ), wish as (
             insert into queue_entries (org_id, id, booking_id, resource_id, user_id, quantity, during, discipline, seq,
                                        status, useful_until, reason, ended_at)
             select org_id, gen_random_uuid(), id, resource_id, $2, 1, tstzrange(start_at, end_at), 'fifo', 1, 'cancelled',
                    end_at, 'zoub-note', app_now()
             from bookings where org_id = $1 and beneficiary_user_id = $2 limit 1
         ), site as (
             insert into sites (org_id, id, name) values ($1, gen_random_uuid(), 'Siège') returning id
         ), led as (
             insert into departments (org_id, id, site_id, name, manager_user_id)
             select $1, gen_random_uuid(), id, 'Logistique', $2 from site
         ), used as (
             select id, resource_id from bookings where org_id = $1 and beneficiary_user_id = $2 limit 1
         ), liked as (
             insert into favourites (org_id, user_id, resource_id) select $1, $2, resource_id from used
         ), weekly as (
             insert into booking_series (org_id, id, resource_id, creator_user_id, beneficiary_user_id, weekdays, every_weeks,
                                         first_date, until_date, start_time, end_time, on_conflict, quantity, participants,
                                         purpose, note)
             select $1, gen_random_uuid(), resource_id, $2, $2, '{1}', 1, current_date, current_date, '09:00', '10:00', 'skip',
                    1, 1, 'zoub-note', 'zoub-note'
             from used
         ), shown as (
             insert into calendar_feeds (org_id, id, user_id, token_hash) values ($1, gen_random_uuid(), $2, 'zoub-feed')
         ), handed_over as (
             insert into calendar_imports (org_id, user_id, resource_id, uid, sequence, booking_id)
             select $1, $2, resource_id, 'zoub-event', 0, id from used
         ), pack as (
             insert into ticket_offers (org_id, id, name, tickets, price, currency)
             values ($1, gen_random_uuid(), '10', 10, 500, 'XOF') returning id
         ), unpaid as (
             insert into payments (org_id, id, direction, purpose, subject_type, subject_id, user_id, method, provider_key, amount,
                                   currency, status)
             values ($1, gen_random_uuid(), 'in', 'purchase', 'user', $2, $2, 'wave', 'zoub-key', 500, 'XOF', 'expired')
             returning id
         ), bought as (
             insert into ticket_purchases (org_id, payment_id, user_id, offer_id, tickets)
             select $1, unpaid.id, $2, pack.id, 10 from unpaid, pack
         ), corrected as (
             insert into wallet_adjustments (org_id, id, user_id, currency, delta, reason, needs_second, status, asked_by,
                                             decided_by, decided_at)
             values ($1, gen_random_uuid(), $2, 'TKT', 5, 'zoub-note', false, 'rejected', $2, $2, app_now())
         ), given as (
             insert into promos (org_id, id, code, effect, value, currency, status)
             values ($1, gen_random_uuid(), 'BIENVENUE', 'credit', 500, 'XOF', 'inactive') returning id
         ), redeemed as (
             insert into promo_redemptions (org_id, id, promo_id, user_id, booking_id, amount, currency, number, user_number,
                                            most_each, status, ended_at)
             select $1, gen_random_uuid(), given.id, $2, used.id, 500, 'XOF', 1, 1, 1, 'released', app_now() from given, used
         ), brought as (
             insert into referrals (org_id, id, referrer_user_id, referee_user_id, bonus_referrer, bonus_referee, currency)
             select $1, gen_random_uuid(), $2, m.user_id, 0, 0, 'XOF' from memberships m
             where m.org_id = $1 and m.user_id <> $2 limit 1
         )
         insert into fines (org_id, id, user_id, reason, note, amount, currency, status, waived_at, waived_by, waived_reason)
         values ($1, gen_random_uuid(), $2, 'other', 'zoub-note', 500, 'XOF', 'waived', app_now(), $2, 'zoub-note')",
    )
    .bind(app.org.0)
    .bind(person.id.0)
    .bind(&person.email)
    .execute(&app.owner)
    .await
    .unwrap();
}

/// Signs in again with a code, as the app does before something that cannot be undone.
pub async fn signed_in_again(app: &TestApp, person: &Person) -> Person {
    app.advance(TimeDelta::minutes(11)).await; // earlier codes are past their window
    let send = json!({ "phone": person.phone, "purpose": "sign_in" });
    app.ask(Method::POST, "/auth/otp/send").json(&send).send().await.expect(200);
    let code = app.code_on(&person.phone).await;
    let verify = json!({ "phone": person.phone, "purpose": "sign_in", "code": code, "device_label": "zoub-label" });
    let signed_in = app.ask(Method::POST, "/auth/otp/verify").json(&verify).send().await.expect(200);
    Person { token: signed_in.text("/session/access_token"), ..person.clone() }
}

/// Where in the whole database one of these stands, as text or inside bytes.
pub async fn found(app: &TestApp, strings: &[String]) -> Vec<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', schemaname, tablename) from pg_tables
         where schemaname in ('public', 'queue') and tablename <> 'spatial_ref_sys'",
    )
    .fetch_all(&app.owner)
    .await
    .unwrap();
    assert!(tables.len() > 30, "{tables:?}");
    let mut found = Vec::new();
    for table in tables {
        let sql = format!(
            "select wanted from unnest($1::text[]) as wanted
             where exists (select from {table} t where position(wanted in t::text) > 0
                           or position(encode(convert_to(wanted, 'utf8'), 'hex') in t::text) > 0)"
        );
        let here: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).bind(strings).fetch_all(&app.owner).await.unwrap();
        found.extend(here.into_iter().map(|string| format!("{string} in {table}")));
    }
    found
}
