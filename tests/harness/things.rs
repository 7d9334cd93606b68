//! Things an organization offers, made as their keepers make them, and bookings of them.

use crate::{app::TestApp, http::Answer, people::Person, story::uuid};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

impl TestApp {
    /// Somebody who keeps the inventory, sites and rules included.
    pub async fn keeper(&self) -> Person {
        self.person("Mariam", &["admin"]).await
    }

    /// Makes a resource and answers its id.
    pub async fn resource(&self, by: &Person, body: &Value) -> String {
        self.post(by, "/resources", body).await.expect(201).text("/id")
    }

    /// A car park with these bays.
    pub async fn car_park(&self, by: &Person, name: &str, bays: &[&str]) -> String {
        let units: Vec<Value> = bays.iter().map(|label| json!({ "label": label })).collect();
        self.resource(by, &json!({ "kind": "parking", "name": name, "units": units })).await
    }

    /// The id of a unit, by its label.
    pub async fn unit(&self, by: &Person, resource: &str, label: &str) -> String {
        let units = self.get(by, &format!("/resources/{resource}/units?page_size=100")).await.expect(200).data("");
        let found = units.as_array().unwrap().iter().find(|unit| unit["label"] == label);
        found.unwrap_or_else(|| panic!("no unit {label} in {units}"))["id"].as_str().unwrap().to_owned()
    }

    /// Changes something as it stands now.
    pub async fn patch(&self, by: &Person, path: &str, body: &Value) -> Answer {
        let tag = self.get(by, path).await.expect(200).header("etag").unwrap().to_owned();
        self.ask(Method::PATCH, path).by(by).header("if-match", tag).json(body).send().await
    }

    pub async fn delete(&self, by: &Person, path: &str) -> Answer {
        self.ask(Method::DELETE, path).by(by).send().await
    }

    /// A booking of one unit from `from` until `to` hours from now, written as it would stand in this status; answers its
    /// id. What stands between is the business of the flows of bookings.
    pub async fn booked(&self, person: &Person, unit: &str, status: &str, from: i64, to: i64) -> String {
        self.forgive_unaudited();
        let (booking, now) = (uuid(), self.now().await);
        let (start, end) = (now + TimeDelta::hours(from), now + TimeDelta::hours(to));
        sqlx::query(
            "with thing as (select u.org_id, u.id as unit_id, u.label, r.id as resource_id, r.kind
                            from units u join resources r on r.org_id = u.org_id and r.id = u.resource_id where u.id = $1::uuid),
             made as (insert into bookings (org_id, id, code, resource_id, kind, creator_user_id, beneficiary_user_id, status,
                          start_at, end_at, timezone, quantity, price, currency, policy_snapshot, hold_expires_at, due_at)
                      select org_id, $2::uuid, upper(left(md5($2), 8)), resource_id, kind, $3, $3, $4, $5, $6, 'Africa/Abidjan',
                             1, 0, 'XOF', '{}', case when $4 in ('pending', 'approved') then $5 end,
                             case when kind = 'equipment' then $6 end
                      from thing),
             held as (insert into claims (org_id, id, unit_id, during, source, source_id)
                      select org_id, gen_random_uuid(), unit_id, tstzrange($5, $6), 'booking', $2::uuid from thing
                      where $4 in ('pending', 'approved', 'confirmed', 'in_use'))
             insert into booking_items (org_id, booking_id, resource_id, unit_id, unit_label, handed_over_at)
             select org_id, $2::uuid, resource_id, unit_id, label, case when $4 = 'in_use' then $5 end from thing",
        )
        .bind(unit)
        .bind(&booking)
        .bind(person.id.0)
        .bind(status)
        .bind(start)
        .bind(end)
        .execute(&self.owner)
        .await
        .unwrap();
        booking
    }
}
