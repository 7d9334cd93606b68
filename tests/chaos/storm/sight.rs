//! What the rows say once the storm is over, recomputed: neither the constraint nor the code is trusted.

use super::{Told, told::Word};
use crate::{settle::Open, stage::Stage};
use chrono::{DateTime, Utc};
use domain::{db::Scope, invariants};
use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

/// Counts that must be 0, and what they stand for.
#[derive(Debug, Default)]
pub struct Sight {
    pub overlaps: i64,
    pub deadlocks: i64,
    pub idle: i64,
    pub shut: i64,
    pub stuck: i64,
    pub unexplained: i64,
    pub details: Vec<String>,
}

/// Claims of one unit and time that stood at the same moment, over all history, by their own clocks.
const OVERLAPS: &str = "
select count(*) from claims a join claims b
    on b.org_id = a.org_id and b.unit_id = a.unit_id and b.id > a.id and b.during && a.during
where a.org_id = $1 and a.taken_at < coalesce(b.freed_at, 'infinity') and b.taken_at < coalesce(a.freed_at, 'infinity')";

/// Who waits for what is free.
const IDLE: &str = "
select count(*) from queue_entries e join resources r on r.org_id = e.org_id and r.id = e.resource_id
where e.org_id = $1 and e.status = 'waiting' and e.useful_until > app_now() and r.status = 'active' and r.deleted_at is null
  and e.quantity <= (select count(*) from units u
                     where u.org_id = e.org_id and u.resource_id = e.resource_id and u.status = 'active'
                       and u.deleted_at is null and u.features || r.features @> e.features
                       and not exists (select from claims c where c.org_id = u.org_id and c.unit_id = u.id and c.active
                                       and c.during && e.during))";

/// Who has a unit while its place is shut.
const SHUT: &str = "
select count(*) from bookings b join booking_items i on i.org_id = b.org_id and i.booking_id = b.id
join units u on u.org_id = i.org_id and u.id = i.unit_id
where b.org_id = $1 and b.status in ('pending', 'approved', 'confirmed', 'in_use')
  and exists (select from opening_hours h where h.org_id = u.org_id and h.resource_id = u.resource_id)
  and not exists (select from opening_hours h cross join lateral (
                      select date_trunc('day', b.start_at at time zone 'UTC') as day) d
                  where h.org_id = u.org_id and h.resource_id = u.resource_id
                    and h.weekday = extract(isodow from d.day)
                    and b.start_at at time zone 'UTC' >= d.day + make_interval(mins => h.opens)
                    and b.end_at at time zone 'UTC' <= d.day + make_interval(mins => h.closes))";

/// How often rivals waited for one another in a ring, whoever heard of it.
const DEADLOCKS: &str = "select deadlocks from pg_stat_database where datname = current_database()";

/// What is wrong, the statement that does it, and the count that must notice it.
type Harm = (&'static str, &'static str, fn(&Sight) -> i64);

/// Harm done by hand.
pub const HARMS: [Harm; 4] = [
    (
        "a unit claimed twice, past the constraint",
        "alter table claims drop constraint claims_no_overlap;
         insert into claims (org_id, id, unit_id, during, source, source_id)
         select org_id, gen_random_uuid(), unit_id, during, source, gen_random_uuid() from claims where active limit 1",
        |sight| sight.overlaps,
    ),
    (
        "units freed beside somebody who waits for them, without a word to the line",
        "update claims c set active = false, released_at = app_now(), freed_at = clock_timestamp() from units u, queue_entries e
         where c.unit_id = u.id and u.resource_id = e.resource_id and c.during && e.during and c.active
           and e.status = 'waiting' and e.id = (select id from queue_entries where status = 'waiting' limit 1)",
        |sight| sight.idle,
    ),
    (
        "a bay had at night though its place is shut",
        "update bookings set start_at = date_trunc('day', start_at) + interval '2 hours', end_at = date_trunc('day', start_at) + interval '3 hours'
         where id = (select i.booking_id from booking_items i join units u on u.id = i.unit_id
                     join opening_hours h on h.resource_id = u.resource_id join bookings b on b.id = i.booking_id
                     where b.status = 'confirmed' limit 1)",
        |sight| sight.shut,
    ),
    (
        "a booking that is not what its person was told",
        "update bookings set status = 'cancelled'
         where id = (select id from bookings where status = 'confirmed' and date_part('hour', start_at) > 4 limit 1)",
        |sight| sight.unexplained,
    ),
];

#[derive(sqlx::FromRow)]
struct Row {
    id: uuid::Uuid,
    version: i32,
    status: String,
    start_at: DateTime<Utc>,
    end_at: DateTime<Utc>,
    units: Vec<String>,
    in_series: bool,
}

impl Sight {
    pub async fn of(stage: &Stage, told: &Told) -> Self {
        let rows = rows(stage).await;
        let mut sight = Self {
            overlaps: stage.number(OVERLAPS).await,
            idle: stage.number(IDLE).await,
            shut: stage.number(SHUT).await,
            deadlocks: stage.app.count(DEADLOCKS).await,
            ..Self::default()
        };
        let open = Open::look(stage).await;
        sight.stuck = open.jobs + open.dead;
        let words = told.bookings();
        sight.overlaps += winners_beside_winners(&rows, &words);
        sight.compare(&rows, &words);
        sight.compare_ends(stage, told).await;
        sight.ask_the_promises(stage).await;
        let (troubles, samples) = told.troubles();
        sight.unexplained += i64::try_from(troubles).unwrap();
        sight.details.extend(samples);
        sight
    }

    pub fn harmless(&self) -> bool {
        [self.overlaps, self.deadlocks, self.idle, self.shut, self.stuck, self.unexplained] == [0; 6]
    }

    fn odd(&mut self, what: String) {
        self.unexplained += 1;
        self.details.push(what);
    }

    /// Each booking is what its people were told last, unless time or a removed unit ended it since; and there is none
    /// that nobody was told of.
    fn compare(&mut self, rows: &[Row], words: &HashMap<String, Word>) {
        for row in rows {
            match words.get(&row.id.to_string()) {
                None => self.odd(format!("nobody was told of booking {} ({})", row.id, row.status)),
                Some(word) if !row.keeps(word) => self.odd(format!("booking {} was told {word:?}", row.id)),
                Some(_) => {}
            }
        }
        let known: BTreeSet<String> = rows.iter().map(|row| row.id.to_string()).collect();
        for id in words.keys().filter(|id| !known.contains(*id)) {
            self.odd(format!("booking {id} was told and is not there"));
        }
    }

    async fn compare_ends(&mut self, stage: &Stage, told: &Told) {
        let rows: Vec<(uuid::Uuid, String)> =
            sqlx::query_as("select id, status from queue_entries").fetch_all(&stage.eyes).await.unwrap();
        let rows: HashMap<String, String> = rows.into_iter().map(|(id, status)| (id.to_string(), status)).collect();
        for (id, told) in told.ends() {
            if rows.get(&id) != Some(&told) {
                self.odd(format!("entry {id} was told {told} and is {:?}", rows.get(&id)));
            }
        }
    }

    async fn ask_the_promises(&mut self, stage: &Stage) {
        let mut tx = stage.app.db.begin(Scope::nowhere()).await.unwrap();
        for check in invariants::check_all(&mut tx).await.unwrap() {
            if check.violations > 0 {
                self.odd(format!("{} broken {} times: {}", check.name, check.violations, check.sample));
            }
        }
    }
}

impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { overlaps, deadlocks, idle, shut, stuck, unexplained, .. } = self;
        write!(
            f,
            "overlaps={overlaps} deadlocks={deadlocks} idle={idle} shut={shut} stuck={stuck} unexplained={unexplained}"
        )
    }
}

impl Row {
    fn keeps(&self, word: &Word) -> bool {
        if self.version == word.version {
            let units: BTreeSet<String> = self.units.iter().cloned().collect();
            let same = (&self.status, self.start_at, self.end_at) == (&word.status, word.start_at, word.end_at);
            return same && (word.status == "waitlisted" || units == word.units);
        }
        // what waits in a series joins it by itself
        let joined = self.in_series
            && word.status == "waitlisted"
            && (self.start_at, self.end_at) == (word.start_at, word.end_at);
        self.version > word.version && (joined || ["cancelled", "expired"].contains(&self.status.as_str()))
    }
}

/// Pairs of bookings whose people were both told that the same unit is theirs at the same time.
fn winners_beside_winners(rows: &[Row], words: &HashMap<String, Word>) -> i64 {
    let active = |row: &&Row| ["pending", "approved", "confirmed"].contains(&row.status.as_str());
    let mut had: HashMap<&str, Vec<&Word>> = HashMap::new();
    let mut pairs = 0;
    for word in rows.iter().filter(active).filter_map(|row| words.get(&row.id.to_string())) {
        for unit in &word.units {
            let others = had.entry(unit).or_default();
            pairs += others.iter().filter(|other| other.start_at < word.end_at && word.start_at < other.end_at).count();
            others.push(word);
        }
    }
    i64::try_from(pairs).unwrap()
}

async fn rows(stage: &Stage) -> Vec<Row> {
    sqlx::query_as(
        "select b.id, b.version, b.status, b.start_at, b.end_at,
                array(select i.unit_id::text from booking_items i
                      where i.org_id = b.org_id and i.booking_id = b.id and i.unit_id is not null) as units,
                b.series_id is not null as in_series
         from bookings b where b.org_id = $1",
    )
    .bind(stage.app.org.0)
    .fetch_all(&stage.eyes)
    .await
    .unwrap()
}
