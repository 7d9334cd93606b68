//! What is fought for: few units, so that everybody meets everybody.

use crate::luck::Luck;
use chrono::{DateTime, TimeDelta, Utc};
use harness::{TestApp, Thing};
use reqwest::Method;
use serde_json::{Value, json};

const LABELS: [&str; 3] = ["1", "2", "3"];
/// Parks whose bays are one's own at once, under one set of rules; behind them those where staff must agree. The last of
/// the former and the first of the latter close at noon and in the evening.
const FREELY: usize = 5;
const AGREED: usize = 3;
const DAYS: u64 = 2;
const WEEK: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Things with their units, and when they are wanted.
pub struct Places {
    things: Vec<Thing>,
    first_day: DateTime<Utc>,
}

/// From when to when.
#[derive(Debug, Clone, Copy)]
pub struct Hours {
    pub start_at: DateTime<Utc>,
    pub end_at: DateTime<Utc>,
}

impl Places {
    pub async fn open(app: &TestApp) -> Self {
        let mut things = Vec::new();
        for n in 0..FREELY + AGREED {
            let approval = if n < FREELY { "none" } else { "staff" };
            let rules = json!({ "approval": approval, "max_minutes": 1_440, "allow_own_overlap": true, "offer_ttl_minutes": 1 });
            things.push(app.thing("parking", &format!("Park {n}"), &LABELS, rules).await);
        }
        let shared: Vec<&str> = things[..FREELY].iter().map(|thing| thing.id.as_str()).collect();
        sqlx::query(
            "update resources set policy_id = (select policy_id from resources where id = $1::uuid)
             where id = any($2::uuid[])",
        )
        .bind(shared[0])
        .bind(&shared)
        .execute(&app.owner)
        .await
        .unwrap();
        let keeper = app.keeper().await;
        for thing in [&things[FREELY - 1], &things[FREELY]] {
            let hours = [("08:00", "12:00"), ("13:00", "18:00")];
            let weekly: Vec<Value> = (1..=7)
                .flat_map(|weekday| {
                    hours.map(|(opens, closes)| json!({ "weekday": weekday, "opens": opens, "closes": closes }))
                })
                .collect();
            let path = format!("/resources/{}/opening-hours", thing.id);
            app.ask(Method::PUT, &path).by(&keeper).json(&json!({ "weekly": weekly })).send().await.expect(200);
        }
        Self { things, first_day: app.at(2, "00:00").await }
    }

    /// Hours that come again on every day, without the thing.
    pub fn every_day(&self, luck: &mut Luck) -> Value {
        let hours = self.hours(luck);
        let clock = |moment: DateTime<Utc>| moment.format("%H:%M").to_string();
        let on_conflict = ["fail", "skip", "queue", "queue"][usize::try_from(luck.below(4)).unwrap()];
        let last = self.first_day + TimeDelta::days(i64::try_from(DAYS - 1).unwrap());
        json!({ "weekdays": WEEK, "first_date": self.first_day.date_naive(), "until": last.date_naive(),
                "start_time": clock(hours.start_at), "end_time": clock(hours.end_at), "on_conflict": on_conflict })
    }

    /// One to three hours of a working day.
    pub fn hours(&self, luck: &mut Luck) -> Hours {
        let hour = 24 * luck.below(DAYS) + 8 + luck.below(9);
        let start_at = self.first_day + TimeDelta::hours(i64::try_from(hour).unwrap());
        Hours { start_at, end_at: start_at + TimeDelta::hours(i64::try_from(1 + luck.below(3)).unwrap()) }
    }

    /// A named part of a day.
    pub fn half_day(&self, luck: &mut Luck) -> Value {
        let day = self.first_day + TimeDelta::days(i64::try_from(luck.below(DAYS)).unwrap());
        let period = ["morning", "afternoon", "day"][usize::try_from(luck.below(3)).unwrap()];
        json!({ "date": day.date_naive(), "period": period })
    }

    pub fn any(&self, luck: &mut Luck) -> &Thing {
        &self.things[usize::try_from(luck.below(self.things.len() as u64)).unwrap()]
    }

    /// Two parks under one set of rules, in either order.
    pub fn pair(&self, luck: &mut Luck) -> [&Thing; 2] {
        let first = usize::try_from(luck.below(FREELY as u64)).unwrap();
        let second = (first + 1 + usize::try_from(luck.below(FREELY as u64 - 1)).unwrap()) % FREELY;
        [&self.things[first], &self.things[second]]
    }

    pub fn unit<'a>(&self, thing: &'a Thing, luck: &mut Luck) -> &'a str {
        &thing.units[usize::try_from(luck.below(thing.units.len() as u64)).unwrap()]
    }
}
