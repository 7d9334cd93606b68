//! Bays, rooms and things to lend, and the steps their stories share.

use crate::{app::TestApp, http::Answer, people::Person, story::uuid};
use chrono::{DateTime, Days, NaiveTime, Utc};
use domain::{inventory::Kind, policies::Rules};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// A resource and its units.
#[derive(Debug, Clone)]
pub struct Thing {
    pub id: String,
    pub units: Vec<String>,
}

impl TestApp {
    /// A resource with units of these labels, booked under the rules of its kind with this patch.
    pub async fn thing(&self, kind: &str, name: &str, labels: &[&str], patch: Value) -> Thing {
        self.thing_at(None, kind, name, labels, patch).await
    }

    /// The same on a site of its own, whose clocks hang in `zone`.
    pub async fn thing_at(&self, zone: Option<&str>, kind: &str, name: &str, labels: &[&str], patch: Value) -> Thing {
        self.forgive_unaudited();
        let known: Kind = kind.parse().unwrap();
        let rules = Rules::of_kind(Some(known)).patched(Some(known), &patch).unwrap();
        let (resource, policy) = (Uuid::new_v4(), Uuid::new_v4());
        sqlx::query("insert into policies (org_id, id, name, applies_to, rules) values ($1, $2, $3, $4, $5)")
            .bind(self.org.0)
            .bind(policy)
            .bind(format!("rules {policy}"))
            .bind(kind)
            .bind(json!(rules))
            .execute(&self.owner)
            .await
            .unwrap();
        let site = zone.map(|_| Uuid::new_v4());
        if let (Some(site), Some(zone)) = (site, zone) {
            sqlx::query("insert into sites (org_id, id, name, timezone) values ($1, $2, $3, $4)")
                .bind(self.org.0)
                .bind(site)
                .bind(format!("site {site}"))
                .bind(zone)
                .execute(&self.owner)
                .await
                .unwrap();
        }
        sqlx::query(
            "insert into resources (org_id, id, kind, name, policy_id, site_id, queue_discipline)
             values ($1, $2, $3, $4, $5, $6, 'score')",
        )
        .bind(self.org.0)
        .bind(resource)
        .bind(kind)
        .bind(name)
        .bind(policy)
        .bind(site)
        .execute(&self.owner)
        .await
        .unwrap();
        let mut units = Vec::new();
        for label in labels {
            let unit = Uuid::new_v4();
            sqlx::query(
                "insert into units (org_id, id, resource_id, label, condition) values ($1, $2, $3, $4, 'good')",
            )
            .bind(self.org.0)
            .bind(unit)
            .bind(resource)
            .bind(label)
            .execute(&self.owner)
            .await
            .unwrap();
            units.push(unit.to_string());
        }
        Thing { id: resource.to_string(), units }
    }

    /// Puts a price on one unit of a resource.
    pub async fn price(&self, thing: &Thing, per: &str, amount: i64) {
        self.forgive_unaudited();
        sqlx::query("update resources set price_per = $2, price_amount = $3, price_currency = 'XOF' where id = $1")
            .bind(thing.id.parse::<Uuid>().unwrap())
            .bind(per)
            .bind(amount)
            .execute(&self.owner)
            .await
            .unwrap();
    }

    /// So many days from now, at this time of Abidjan.
    pub async fn at(&self, days: u64, time: &str) -> DateTime<Utc> {
        let day = self.now().await.date_naive() + Days::new(days);
        day.and_time(NaiveTime::parse_from_str(time, "%H:%M").unwrap()).and_utc()
    }

    /// Business time moves to this instant.
    pub async fn go_to(&self, at: DateTime<Utc>) {
        let by = at - self.now().await;
        assert!(by > chrono::TimeDelta::zero(), "time does not run backwards");
        self.advance(by).await;
    }

    pub async fn ask_booking(&self, by: &Person, body: &Value) -> Answer {
        self.ask(Method::POST, "/bookings").by(by).key(uuid()).json(body).send().await
    }

    /// A unit of a thing from one time to another of the day after tomorrow.
    pub async fn try_reserve(&self, by: &Person, thing: &Thing, from: &str, to: &str) -> Answer {
        let (start_at, end_at) = (self.at(2, from).await, self.at(2, to).await);
        let body = json!({ "resource_id": thing.id, "start_at": start_at, "end_at": end_at });
        self.ask_booking(by, &body).await
    }

    /// The same; answers the booking's id.
    pub async fn reserve(&self, by: &Person, thing: &Thing, from: &str, to: &str) -> String {
        self.try_reserve(by, thing, from, to).await.expect(201).text("/id")
    }

    /// A step of a booking, without a body.
    pub async fn step(&self, by: &Person, booking: &str, step: &str) -> Answer {
        self.post(by, &format!("/bookings/{booking}/{step}"), &json!({})).await
    }

    /// Changes a booking as it stands now.
    pub async fn change(&self, by: &Person, booking: &str, patch: &Value) -> Answer {
        let path = format!("/bookings/{booking}");
        let seen = self.get(by, &path).await.expect(200).header("etag").unwrap().to_owned();
        self.ask(Method::PATCH, &path).by(by).header("if-match", seen).json(patch).send().await
    }

    pub async fn points(&self, of: &Person) -> i32 {
        sqlx::query_scalar("select penalty_points from memberships where org_id = $1 and user_id = $2")
            .bind(self.org.0)
            .bind(of.id.0)
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    /// Refused, and no row of any table changed.
    pub async fn refused_for_nothing(&self, by: &Person, body: &Value, status: u16, code: &str) -> Answer {
        let before = self.picture().await;
        let answer = self.ask_booking(by, body).await.refused(status, code);
        assert_eq!(self.picture().await, before, "something changed after {body}");
        answer
    }
}
