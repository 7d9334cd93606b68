//! A house with one of everything: what tests furnish by hand, then what the document's own examples make, then what
//! came about by itself.

use super::{Route, kinds};
use chrono::TimeDelta;
use domain::ids::OrgId;
use harness::{Person, TestApp, story::uuid};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;

/// One of everything an organization can hold, by kind.
pub struct House {
    pub org: OrgId,
    pub slug: String,
    /// May do everything here, and drives.
    pub admin: Person,
    /// Somebody who books and pays.
    pub member: Person,
    ids: BTreeMap<String, String>,
}

impl House {
    /// The id of one thing of this kind.
    #[track_caller]
    pub fn id(&self, kind: &str, wanted_by: &str) -> &str {
        self.ids.get(kind).unwrap_or_else(|| {
            panic!(
                "{wanted_by} takes an id of kind {kind:?}, and {} has none: furnish one in tests/flows/walk/house.rs",
                self.slug
            )
        })
    }

    /// Furnishes a house of the installation. Its things carry `mark` in their names.
    pub async fn furnish(
        app: &TestApp,
        org: OrgId,
        slug: &str,
        mark: &str,
        routes: &[Route],
        document: &Value,
    ) -> Self {
        let admin = app.person_in(org, mark, &["admin", "driver"]).await;
        let member = app.person_in(org, mark, &["member"]).await;
        let ids = [
            ("organizations", org.to_string()),
            ("users", member.id.to_string()),
            ("sessions", member.session.to_string()),
        ];
        let ids = ids.into_iter().map(|(kind, id)| (kind.to_owned(), id)).collect();
        let mut house = Self { org, slug: slug.to_owned(), admin, member, ids };
        house.ride(app, mark).await;
        house.books(app).await;
        house.differences(app).await;
        house.gifts(app, mark).await;
        house.people(app, mark).await;
        house.copy(app).await;
        house.line(app, mark).await;
        house.installation(app).await;
        house.examples(app, routes, document).await;
        house.holiday(app).await;
        house.by_itself(app, routes).await;
        house
    }

    fn keep(&mut self, kind: &str, id: String) {
        self.ids.insert(kind.to_owned(), id);
    }

    /// A ride that was booked and paid.
    async fn ride(&mut self, app: &TestApp, mark: &str) {
        let (admin, member) = (self.admin.clone(), self.member.clone());
        let car = json!({ "make": mark, "model": mark, "color": "grey", "plate_number": "1 AB 01", "seats_total": 5 });
        let vehicle = app.post(&admin, "/vehicles", &car).await.expect(201).text("/id");
        let mut trip = app.trip_body(3, 3_000).await;
        trip["vehicle_id"] = json!(vehicle);
        trip["origin"]["text"] = json!(format!("{mark}, Plateau"));
        let ride = app.ride_of(&admin, trip).await;
        let stop = json!({ "stops": [{ "lat": 5.9, "lon": -4.8, "text": "Tiassalé" }] });
        app.post(&admin, &format!("/trips/{}/stops", ride.id), &stop).await.expect(200);
        let booking = app.book(&member, &ride, 1).await;
        let operation = app.try_pay(&member, &booking).await.expect(202);
        let payment = operation.text("/subject/id");
        app.drain().await;
        app.wave.pay(&app.checkout_of(&payment)).unwrap();
        app.advance(TimeDelta::seconds(20)).await;
        app.drain().await;
        assert_eq!(app.booking(&member, &booking).await["status"], "confirmed");
        let notification = app.get(&member, "/me/notifications").await.expect(200).text("/0/id");
        let device = app.get(&member, "/me/devices").await.expect(200).text("/0/id");
        for (kind, id) in [
            ("vehicles", vehicle),
            ("trips", ride.id),
            ("bookings", booking),
            ("payments", payment),
            ("operations", operation.text("/id")),
            ("notifications", notification),
            ("devices", device),
        ] {
            self.keep(kind, id);
        }
    }

    /// A payout of what was earned, written straight into the books.
    async fn books(&mut self, app: &TestApp) {
        let payout: String =
            sqlx::query_scalar(PAID_OUT).bind(self.org.0).bind(self.admin.id).fetch_one(&app.owner).await.unwrap();
        self.keep("payouts", payout);
        let escrow: String =
            sqlx::query_scalar("select id::text from accounts where org_id = $1 and kind = 'escrow' limit 1")
                .bind(self.org.0)
                .fetch_one(&app.owner)
                .await
                .unwrap();
        self.keep("ledger_accounts", escrow);
    }

    /// A code that was used, somebody who was brought along, tickets that were bought, and a correction that waits.
    async fn gifts(&mut self, app: &TestApp, mark: &str) {
        let (admin, member) = (self.admin.clone(), self.member.clone());
        let make = async |by: &Person, path: &str, body: Value| {
            app.ask(Method::POST, path).by(by).key(uuid()).json(&body).send().await.expect(201).text("/id")
        };
        let promo = make(&admin, "/promos", json!({ "code": "WALKED", "effect": "credit", "value": 5_000 })).await;
        make(&member, "/promos/redeem", json!({ "code": "WALKED" })).await;
        let offer = make(&admin, "/ticket-offers", json!({ "name": mark, "tickets": 10, "price": 2_000 })).await;
        make(&member, "/ticket-purchases", json!({ "ticket_offer_id": offer, "method": "wallet" })).await;
        let correction = json!({ "user_id": member.id, "currency": "TKT", "delta": 500, "reason": mark });
        let correction = make(&admin, "/wallet-adjustments", correction).await;
        sqlx::query(
            "insert into referrals (org_id, id, referrer_user_id, referee_user_id, bonus_referrer, bonus_referee, currency)
             values ($1, gen_random_uuid(), $2, $3, 0, 0, 'XOF')",
        )
        .bind(self.org.0)
        .bind(admin.id.0)
        .bind(member.id.0)
        .execute(&app.owner)
        .await
        .unwrap();
        app.forgive_unaudited();
        for (kind, id) in [("promos", promo), ("ticket_offers", offer), ("wallet_adjustments", correction)] {
            self.keep(kind, id);
        }
    }

    /// A day held against the provider's list, and a difference in it.
    async fn differences(&mut self, app: &TestApp) {
        let item: String = sqlx::query_scalar(
            "with run as (
                 insert into reconciliation_runs (org_id, id, provider_account_id, day, finished_at)
                 select org_id, gen_random_uuid(), id, current_date - 3, app_now() from provider_accounts where org_id = $1
                 returning org_id, id, provider_account_id, day)
             insert into reconciliation_items (org_id, id, run_id, provider_account_id, day, kind, about, ours, theirs, currency,
                                               proposal)
             select org_id, gen_random_uuid(), id, provider_account_id, day, 'missing_here', 'ref/T1', 0, 700, 'XOF', 'adjust'
             from run returning id::text",
        )
        .bind(self.org.0)
        .fetch_one(&app.owner)
        .await
        .unwrap();
        self.keep("reconciliation_items", item);
        let event: String = sqlx::query_scalar(
            "insert into inbound_events (org_id, id, provider_account_id, event_key, kind, news, body, fresh, status)
             select org_id, gen_random_uuid(), id, 'walked', 'walked', '{\"news\": \"other\"}', $2, true, 'ignored'
             from provider_accounts where org_id = $1 returning id::text",
        )
        .bind(self.org.0)
        .bind(app.db.keys().unwrap().seal("inbound event", b"{}").unwrap())
        .fetch_one(&app.owner)
        .await
        .unwrap();
        self.keep("inbound_events", event);
        let moved: String = sqlx::query_scalar("select id::text from ledger_transactions where org_id = $1 limit 1")
            .bind(self.org.0)
            .fetch_one(&app.owner)
            .await
            .unwrap();
        self.keep("transactions", moved);
    }

    /// Papers, a role of its own, an invitation.
    async fn people(&mut self, app: &TestApp, mark: &str) {
        let mark = mark.to_lowercase();
        let papers =
            json!({ "doc_type": "passport", "doc_number": "CI-0012345", "front_key": format!("kyc/{mark}.jpg") });
        let document = app.post(&self.member, "/me/kyc", &papers).await.expect(201).text("/id");
        self.keep("kyc", document);
        let role = json!({ "name": format!("{mark}_role"), "permissions": ["book"] });
        let role = app.post(&self.admin, &format!("/organizations/{}/roles", self.slug), &role).await.expect(201);
        self.keep("roles", role.text("/name"));
        let invitation = json!({ "email": format!("guest@{mark}.test"), "letter": false });
        let path = format!("/organizations/{}/invitations", self.slug);
        let invitation = app.post(&self.admin, &path, &invitation).await.expect(201).text("/id");
        self.keep("invitations", invitation);
    }

    /// A room that is taken, somebody who waits for it and was proposed another, and a fine.
    async fn line(&mut self, app: &TestApp, mark: &str) {
        let (admin, member) = (self.admin.clone(), self.member.clone());
        let room = |name: &str| json!({ "kind": "room", "name": format!("{mark} {name}"), "queue_discipline": "fifo", "units": [{ "label": "1" }] });
        let room_id = app.post(&admin, "/resources", &room("Nord")).await.expect(201).text("/id");
        let other = app.post(&admin, "/resources", &room("Sud")).await.expect(201).text("/id");
        let (start_at, end_at) = (app.at(2, "09:00").await, app.at(2, "10:00").await);
        let wish = |room: &str| json!({ "resource_id": room, "start_at": start_at, "end_at": end_at });
        app.ask_booking(&member, &wish(&room_id)).await.expect(201);
        let entry = app.try_wait(&admin, &wish(&room_id)).await.expect(201).text("/id");
        let mut proposal = wish(&other);
        proposal["reason"] = json!("The other one is free.");
        app.answer(&admin, &entry, "propose", &proposal).await.expect(200);
        let alternative: String = sqlx::query_scalar("select id::text from alternatives where org_id = $1")
            .bind(self.org.0)
            .fetch_one(&app.owner)
            .await
            .unwrap();
        // a seat of a ride is a unit too, and not one of the inventory
        let unit = app.unit(&admin, &room_id, "1").await;
        self.keep("units", unit);
        self.keep("alternatives", alternative);
        self.keep("waitlist", entry);
        let (first, until) = (app.at(9, "00:00").await.date_naive(), app.at(15, "00:00").await.date_naive());
        let series = json!({ "resource_id": other, "weekdays": ["monday"], "first_date": first, "until": until,
                             "start_time": "09:00", "end_time": "10:00" });
        let series = app.ask(Method::POST, "/booking-series").by(&member).key(uuid()).json(&series).send().await;
        self.keep("booking_series", series.expect(201).text("/id"));
        // what is kept at hand, when a room is open, and what was handed over from elsewhere
        let favourite = format!("/me/favourites/{other}");
        app.ask(Method::PUT, &favourite).by(&member).send().await.expect(200);
        let hours = json!({ "weekly": [{ "weekday": 1, "opens": "00:00", "closes": "24:00" }] });
        let path = format!("/resources/{room_id}/opening-hours");
        app.ask(Method::PUT, &path).by(&admin).json(&hours).send().await.expect(200);
        let day = app.at(20, "00:00").await.format("%Y%m%d").to_string();
        let event = format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:{day}T090000\r\nDTEND:{day}T100000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let import = app.ask(Method::POST, &format!("/resources/{other}/calendar-import")).by(&member);
        import.body("text/calendar", event).send().await.expect(200);
        // the address of a calendar is a secret, and nobody else's
        self.keep("calendars", "unknown".to_owned());
        let fine: String = sqlx::query_scalar(
            "insert into fines (org_id, id, user_id, reason, amount, currency)
             values ($1, gen_random_uuid(), $2, 'other', 500, 'XOF') returning id::text",
        )
        .bind(self.org.0)
        .bind(member.id.0)
        .fetch_one(&app.owner)
        .await
        .unwrap();
        app.forgive_unaudited();
        self.keep("fines", fine);
    }

    /// A word to the many, a copy of what is held about a person, and a statement.
    async fn copy(&mut self, app: &TestApp) {
        let say = json!({ "audience": { "type": "role", "role": "admin" }, "subject": "s", "body": "b" });
        app.ask(Method::POST, "/notifications").by(&self.admin).key(uuid()).json(&say).send().await.expect(202);
        app.post(&self.admin, "/me/export", &json!({})).await.expect(202);
        app.drain().await;
        let copy = app.get(&self.admin, "/operations?page_size=1").await.expect(200).text("/0/result/export_id");
        self.keep("exports", copy);
        let report = json!({ "kind": "wallet", "format": "csv" });
        let report = app.post(&self.admin, "/reports", &report).await.expect(202).text("/subject/id");
        app.drain().await;
        self.keep("reports", report);
    }

    /// A day on which the site is closed.
    async fn holiday(&mut self, app: &TestApp) {
        let site = self.id("sites", "a holiday").to_owned();
        let hours = json!({ "days": [{ "day": "2031-12-25", "name": "Noël", "hours": [] }] });
        let path = format!("/sites/{site}/opening-hours");
        let set = app.ask(Method::PUT, &path).by(&self.admin).json(&hours);
        set.send().await.expect(200);
    }

    /// What serves all organizations, met from this one.
    async fn installation(&mut self, app: &TestApp) {
        let account: String = sqlx::query_scalar("select id::text from provider_accounts where org_id = $1")
            .bind(self.org.0)
            .fetch_one(&app.owner)
            .await
            .unwrap();
        self.keep("accounts", account);
        self.keep("providers", "wave".to_owned());
        self.keep("queues", "payments".to_owned());
        self.keep("jobs", dead_job(app, &self.org.to_string()).await);
    }

    /// What the routes make of their own examples, again and again, because one thing may need another.
    async fn examples(&mut self, app: &TestApp, routes: &[Route], document: &Value) {
        let makes = |route: &&Route| route.method == "post" && route.creates && !route.open && !route.older;
        loop {
            let mut made = 0;
            for route in routes.iter().filter(makes) {
                let kind = route.path.rsplit('/').next().unwrap().replace('-', "_");
                let reachable = |kind: &String| self.ids.contains_key(kind);
                let known =
                    route.in_path.iter().map(|name| kinds::of_path(&route.path, name)).all(|kind| reachable(&kind))
                        && route.in_body.iter().all(|slot| reachable(&slot.kind));
                if self.ids.contains_key(&kind) || !known {
                    continue;
                }
                let body = route.body(document, self);
                let answer = route.ask(app, &self.admin, &route.address(self), body.as_ref(), &uuid()).await;
                if let (201, Some(id)) = (answer.status, answer.body["data"]["id"].as_str()) {
                    self.keep(&kind, id.to_owned());
                    made += 1;
                }
            }
            if made == 0 {
                app.drain().await;
                return;
            }
        }
    }

    /// What came about in a table of the kind's own name.
    async fn by_itself(&mut self, app: &TestApp, routes: &[Route]) {
        let in_paths =
            routes.iter().flat_map(|route| route.in_path.iter().map(|name| kinds::of_path(&route.path, name)));
        let elsewhere = routes.iter().flat_map(|route| {
            route
                .in_body
                .iter()
                .map(|slot| slot.kind.clone())
                .chain(route.in_query.iter().map(|(_, kind)| kind.clone()))
        });
        let wanted: Vec<String> = in_paths.chain(elsewhere).filter(|kind| !self.ids.contains_key(kind)).collect();
        let tables = app.tenant_tables().await;
        for kind in wanted.into_iter().filter(|kind| tables.contains(kind)) {
            let sql = format!("select id::text from {kind} where org_id = $1 limit 1");
            let found: Option<String> = sqlx::query_scalar(AssertSqlSafe(sql))
                .bind(self.org.0)
                .fetch_optional(&app.owner)
                .await
                .unwrap_or(None);
            if let Some(id) = found {
                self.keep(&kind, id);
            }
        }
    }

    /// Every id that stands in a row of this house: what must not be seen from outside.
    pub async fn everything(&self, app: &TestApp) -> Vec<String> {
        let columns: Vec<(String, String)> = sqlx::query_as(
            "select table_name::text, column_name::text from information_schema.columns
             where table_schema = 'public' and data_type = 'uuid'
               and table_name in (select table_name from information_schema.columns
                                  where table_schema = 'public' and column_name = 'org_id')",
        )
        .fetch_all(&app.owner)
        .await
        .unwrap();
        let mut all = Vec::new();
        for (table, column) in columns {
            let sql = format!("select distinct {column}::text from {table} where org_id = $1 and {column} is not null");
            let found: Vec<String> =
                sqlx::query_scalar(AssertSqlSafe(sql)).bind(self.org.0).fetch_all(&app.owner).await.unwrap();
            all.extend(found);
        }
        all.sort();
        all.dedup();
        all
    }
}

/// Earned, set aside and paid: three transactions that balance, and the payout they make.
const PAID_OUT: &str = "
with provider as (select a.id, a.owner_id from accounts a where a.org_id = $1 and a.kind = 'provider' limit 1),
     escrow as (select id from accounts where org_id = $1 and kind = 'escrow' limit 1),
     earnings as (
         insert into accounts (org_id, id, owner_type, owner_id, kind, currency, cached_balance, allow_negative)
         values ($1, gen_random_uuid(), 'user', $2, 'earnings', 'XOF', 0, true) returning id),
     transit as (
         insert into accounts (org_id, id, owner_type, owner_id, kind, currency)
         values ($1, gen_random_uuid(), 'org', $1, 'payout_transit', 'XOF') returning id),
     payout as (
         insert into payments (org_id, id, direction, purpose, subject_type, subject_id, user_id, method,
                               provider_account_id, provider_key, amount, currency, status, succeeded_at)
         select $1, gen_random_uuid(), 'out', 'payout', 'user', $2, $2, 'wave', owner_id, 'walked', 500, 'XOF', 'succeeded',
                app_now()
         from provider returning id),
     told as (
         insert into ledger_transactions (org_id, id, kind, subject_type, subject_id, payment_id, dedupe_key, occurred_at)
         select $1, gen_random_uuid(), t.kind, 'payment', p.id, case when t.kind like 'payout%' then p.id end,
                'walked/' || t.kind, app_now()
         from payout p, unnest(array['booking_completed', 'payout_scheduled', 'payout_confirmed']) as t (kind)
         returning id, kind),
     moved as (
         insert into entries (org_id, id, transaction_id, account_id, amount, currency)
         select $1, gen_random_uuid(), told.id, m.account, m.amount, 'XOF'
         from told join (select 'booking_completed' as kind, id as account, 500 as amount from escrow
                         union all select 'booking_completed', id, -500 from earnings
                         union all select 'payout_scheduled', id, 500 from earnings
                         union all select 'payout_scheduled', id, -500 from transit
                         union all select 'payout_confirmed', id, 500 from transit
                         union all select 'payout_confirmed', id, -500 from provider) m on m.kind = told.kind
         returning id, account_id, amount),
     line as (
         insert into payout_lines (org_id, payout_id, entry_id)
         select $1, p.id, m.id from payout p, moved m, earnings e where m.account_id = e.id and m.amount = -500)
select id::text from payout";

async fn dead_job(app: &TestApp, org: &str) -> String {
    sqlx::query_scalar(
        "insert into queue.dead (id, queue, kind, org_id, reason, attempts, deaths, priority, payload, created_at)
         values (gen_random_uuid(), 'notifications', 'reminder.sweep', $1::uuid, 'test', 1, 0, 0,
                 '{\"kind\": \"reminder.sweep\"}', now()) returning id::text",
    )
    .bind(org)
    .fetch_one(&app.owner)
    .await
    .unwrap()
}
