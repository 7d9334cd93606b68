//! What is fought for: few units, so that everybody meets everybody.

use crate::luck::Luck;
use chrono::{DateTime, TimeDelta, Utc};
use harness::{TestApp, Thing};
use serde_json::{Value, json};

const LABELS: [&str; 3] = ["1", "2", "3"];
/// Parks whose bays are one's own at once, under one set of rules; behind them those where staff must agree.
const FREELY: usize = 5;
const AGREED: usize = 3;
const DAYS: u64 = 2;

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
        Self { things, first_day: app.at(2, "00:00").await }
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
