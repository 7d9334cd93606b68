//! Things people wait for: bays as rows, who stands on them, and the steps of waiting as a client takes them.

use crate::{app::TestApp, http::Answer, people::Person, story::uuid};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::{db::Scope, ids::ResourceId, waitlist};
use reqwest::Method;
use serde_json::{Value, json};

/// A car park with a waitlist.
#[derive(Debug, Clone)]
pub struct Bays {
    pub id: String,
    pub start_at: DateTime<Utc>,
    pub end_at: DateTime<Utc>,
}

impl Bays {
    pub fn wish(&self) -> Value {
        json!({ "resource_id": self.id, "start_at": self.start_at, "end_at": self.end_at })
    }

    pub fn resource(&self) -> ResourceId {
        self.id.parse().unwrap()
    }

    /// The same bays, so many hours later.
    pub fn later(&self, hours: i64) -> Self {
        let by = TimeDelta::hours(hours);
        Self { id: self.id.clone(), start_at: self.start_at + by, end_at: self.end_at + by }
    }
}

impl TestApp {
    /// So many bays, of interest tomorrow from a full hour for two hours.
    pub async fn bays(&self, count: i32, discipline: &str) -> Bays {
        self.forgive_unaudited();
        let id = uuid();
        sqlx::query(
            "with made as (insert into resources (org_id, id, kind, name, queue_discipline)
                           values ($1, $2::uuid, 'parking', 'Parking ' || $2, $4) returning id)
             insert into units (org_id, id, resource_id, label)
             select $1, gen_random_uuid(), made.id, 'B-' || n from made, generate_series(1, $3) n",
        )
        .bind(self.org.0)
        .bind(&id)
        .bind(count)
        .bind(discipline)
        .execute(&self.owner)
        .await
        .unwrap();
        let start_at = (self.now().await + TimeDelta::hours(24)).duration_trunc(TimeDelta::hours(1)).unwrap();
        Bays { id, start_at, end_at: start_at + TimeDelta::hours(2) }
    }

    /// Somebody stands on one free bay: a confirmed booking with its claim. Answers the booking.
    pub async fn occupy(&self, bays: &Bays, by: &Person) -> String {
        self.forgive_unaudited();
        let booking = uuid();
        sqlx::query(
            "with free as (select u.id, u.label from units u
                           where u.org_id = $1 and u.resource_id = $3::uuid
                             and not exists (select from claims c where c.org_id = $1 and c.unit_id = u.id and c.active
                                             and c.during && tstzrange($5, $6))
                           order by u.label limit 1),
                  made as (insert into bookings (org_id, id, code, resource_id, creator_user_id, beneficiary_user_id,
                                                 status, start_at, end_at, timezone, quantity, price, currency,
                                                 policy_snapshot, kind)
                           select $1, $2::uuid, upper(substr(md5($2), 1, 8)), $3::uuid, $4, $4, 'confirmed', $5, $6,
                                  'Africa/Abidjan', 1, 0, 'XOF', '{}', 'parking' from free returning id),
                  item as (insert into booking_items (org_id, booking_id, resource_id, unit_id, unit_label)
                           select $1, made.id, $3::uuid, free.id, free.label from made, free)
             insert into claims (org_id, id, unit_id, during, source, source_id)
             select $1, gen_random_uuid(), free.id, tstzrange($5, $6), 'booking', made.id from made, free",
        )
        .bind(self.org.0)
        .bind(&booking)
        .bind(&bays.id)
        .bind(by.id.0)
        .bind(bays.start_at)
        .bind(bays.end_at)
        .execute(&self.owner)
        .await
        .unwrap();
        booking
    }

    /// Everybody stands on them: one booking for each bay.
    pub async fn full(&self, count: i32, discipline: &str) -> (Bays, Vec<String>) {
        let (bays, by) = (self.bays(count, discipline).await, self.rider().await);
        let mut bookings = Vec::new();
        for _ in 0..count {
            bookings.push(self.occupy(&bays, &by).await);
        }
        (bays, bookings)
    }

    /// The booking is given up, as a cancellation does it: claims end, and the line is looked at in the same commit.
    pub async fn give_back(&self, bays: &Bays, booking: &str) {
        self.forgive_unaudited();
        let mut tx = self.db.begin(Scope::system(self.org)).await.unwrap();
        sqlx::query("select id from resources where org_id = $1 and id = $2::uuid for no key update")
            .bind(self.org.0)
            .bind(&bays.id)
            .execute(tx.conn())
            .await
            .unwrap();
        for sql in [
            "update claims set active = false, released_at = app_now() where org_id = $1 and source_id = $2::uuid and active",
            "update bookings set status = 'cancelled', cancelled_at = app_now() where org_id = $1 and id = $2::uuid",
        ] {
            sqlx::query(sql).bind(self.org.0).bind(booking).execute(tx.conn()).await.unwrap();
        }
        waitlist::units_freed(&mut tx, &[bays.resource()]).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn try_wait(&self, who: &Person, wish: &Value) -> Answer {
        self.ask(Method::POST, "/waitlist").by(who).key(uuid()).json(wish).send().await
    }

    /// Joins the line and answers the entry's id.
    pub async fn wait(&self, who: &Person, bays: &Bays) -> String {
        self.try_wait(who, &bays.wish()).await.expect(201).text("/id")
    }

    /// The same for several units.
    pub async fn wait_for(&self, who: &Person, bays: &Bays, quantity: i64) -> String {
        let mut wish = bays.wish();
        wish["quantity"] = quantity.into();
        self.try_wait(who, &wish).await.expect(201).text("/id")
    }

    /// A step of an entry, such as `accept`.
    pub async fn answer(&self, who: &Person, entry: &str, step: &str, body: &Value) -> Answer {
        self.post(who, &format!("/waitlist/{entry}/{step}"), body).await
    }

    pub async fn entry(&self, who: &Person, id: &str) -> Value {
        self.get(who, &format!("/waitlist/{id}")).await.expect(200).data("")
    }

    pub async fn leave(&self, who: &Person, id: &str) -> Answer {
        self.ask(Method::DELETE, &format!("/waitlist/{id}")).by(who).send().await
    }

    /// A word of SQL as the owner.
    pub async fn say(&self, sql: &'static str) {
        self.forgive_unaudited();
        sqlx::raw_sql(sql).execute(&self.owner).await.unwrap();
    }
}
