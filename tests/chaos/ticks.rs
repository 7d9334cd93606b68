//! Slots of the schedule, hurried past, and what was posted for each: exactly one job.

use crate::{
    figures::Figures,
    kills::keep_killing,
    luck::Luck,
    scene::{Plan, Scene},
    stage::Stage,
    troupe::Role,
};
use chrono::{DateTime, TimeDelta, Utc};
use queue::JobFamily;
use scheduler::{
    schedule::{Entry, Job, SCHEDULE},
    slots::Hand,
};
use sqlx::PgPool;
use std::{
    collections::HashSet,
    ops::Range,
    time::{Duration, Instant},
};

/// Business time moves ahead by this…
const STEP: Duration = Duration::from_secs(15);
/// …so often, so that a slot of one minute is the newest for six seconds: several looks.
const EVERY: Duration = Duration::from_millis(1_500);
/// The last slots are fired and noted within this.
const LAST_LOOKS: Duration = Duration::from_secs(4);

/// Notes ticks and scheduled jobs in the transaction that writes them, behind the schedulers' back. A tick is `busy` when
/// the job of an earlier slot still lives: then it posts none, and that job does the work of both.
const NOTES: &str = "
create schema if not exists chaos;
create table chaos.entries (name text, kind text);
create table chaos.posted (kind text, at timestamptz default app_now(), xid xid8 default pg_current_xact_id());
create table chaos.ticked (name text, slot timestamptz, busy boolean, xid xid8 default pg_current_xact_id());
create function chaos.note_job() returns trigger language plpgsql security definer as $$
begin
    insert into chaos.posted (kind) select kind from chaos.entries where kind = new.kind;
    return null;
end $$;
create function chaos.note_tick() returns trigger language plpgsql security definer as $$
begin
    insert into chaos.ticked (name, slot, busy)
    select new.name, new.slot, exists (select from queue.jobs j join chaos.entries e on e.kind = j.kind
                                       where e.name = new.name and j.xmin <> pg_current_xact_id()::xid);
    return null;
end $$;
create trigger noted after insert on queue.jobs for each row execute function chaos.note_job();
create trigger noted after insert on queue.ticks for each row execute function chaos.note_tick();";

/// What is under watch.
const ENTRIES: &str = "insert into chaos.entries select * from unnest($1::text[], $2::text[])";

/// Slots that were dealt with, and how many jobs each posted. A job belongs to the tick of its own commit; without one,
/// to the newest slot of its entry.
const FIRES: &str = "
with fires as (
    select e.name, coalesce(own.slot, (select max(slot) from chaos.ticked where name = e.name and slot <= p.at)) as slot
    from chaos.posted p join chaos.entries e on e.kind = p.kind
    left join chaos.ticked own on own.xid = p.xid and own.name = e.name
)
select name, slot, count(*) from fires group by name, slot
union all
select name, slot, 0 from chaos.ticked t
where busy and not exists (select from fires f where f.name = t.name and f.slot = t.slot)";

/// Slots under watch.
pub struct Ticks {
    from: DateTime<Utc>,
}

/// A line of the schedule, and its time.
pub type Slot = (&'static str, DateTime<Utc>);

/// How slots fared.
pub struct Slots {
    slots: usize,
    /// The most jobs for one slot.
    fires_max: i64,
    /// Slots left to the job of an earlier one that still lived.
    left: usize,
    /// Slots without a job.
    pub missed: Vec<Slot>,
}

impl Ticks {
    pub async fn begin(stage: &Stage) -> Self {
        stage.prepare(NOTES.into()).await;
        let (names, kinds): (Vec<&str>, Vec<&str>) = SCHEDULE.iter().map(|entry| (entry.name, kind(entry))).unzip();
        sqlx::query(ENTRIES).bind(names).bind(kinds).execute(&stage.eyes).await.unwrap();
        Self { from: stage.app.now().await }
    }

    /// Moves the clock from slot to slot until the time is over.
    pub async fn hurry(&self, stage: &Stage, until: Instant) {
        while Instant::now() + EVERY < until {
            tokio::time::sleep(EVERY).await;
            stage.advance(STEP).await;
        }
    }

    /// The slots that came since the beginning, once the last have been looked at.
    pub async fn end(&self, stage: &Stage) -> Vec<Slot> {
        let to = stage.app.now().await;
        tokio::time::sleep(LAST_LOOKS).await;
        slots_between(self.from, to)
    }
}

impl Slots {
    /// What was noted for these slots.
    pub async fn of(eyes: &PgPool, slots: &[Slot]) -> Self {
        let fires: Vec<(String, Option<DateTime<Utc>>, i64)> = sqlx::query_as(FIRES).fetch_all(eyes).await.unwrap();
        let fired: HashSet<_> = fires.iter().map(|(name, slot, _)| (name.as_str(), *slot)).collect();
        Self {
            slots: slots.len(),
            left: fires.iter().filter(|(.., count)| *count == 0).count(),
            fires_max: fires.iter().map(|(.., count)| *count).max().unwrap_or(0),
            missed: slots.iter().filter(|(name, slot)| !fired.contains(&(*name, Some(*slot)))).copied().collect(),
        }
    }

    /// As figures: one job a slot, for every slot.
    pub fn tell(&self, figures: &mut Figures) {
        figures.at_least("slots", self.slots as f64, 1.0);
        figures.told("left_to_earlier", self.left as f64);
        figures.exactly("fires_per_slot_max", self.fires_max as f64, 1.0);
        figures.zero("missed", self.missed.len() as i64);
    }
}

/// Every slot of the schedule after `from` and until `to`.
fn slots_between(from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Slot> {
    let mut slots = Vec::new();
    for mut hand in SCHEDULE.map(|entry| Hand::new(entry).unwrap()) {
        for second in 0..=(to - from).num_seconds() {
            let due = hand.due(from + TimeDelta::seconds(second)).filter(|slot| *slot > from);
            if let Some(slot) = due {
                slots.push((hand.entry.name, slot));
                hand.settle(slot);
            }
        }
    }
    slots
}

fn kind(entry: &Entry) -> &'static str {
    match &entry.job {
        Job::Reservations(job) => job.kind(),
        Job::Notifications(job) => job.kind(),
        Job::Maintenance(job) => job.kind(),
    }
}

/// A case about schedulers: one is killed again and again while slots are hurried past.
pub async fn under_kills(plan: Plan, luck: Luck, pause: Range<u64>) -> bool {
    let cast = plan.cast;
    let mut scene = Scene::set(plan, luck).await;
    let ticks = Ticks::begin(&scene.stage).await;
    let kills = scene
        .under_load(async |field| {
            let hurried = ticks.hurry(field.stage, field.over);
            futures::join!(keep_killing(field, Role::Scheduler, cast, pause), hurried).0
        })
        .await;
    let slots = ticks.end(&scene.stage).await;
    scene.figures.at_least("kills", kills as f64, 1.0);
    let slots = Slots::of(&scene.stage.eyes, &slots).await;
    for (name, slot) in &slots.missed {
        println!("  missed: {name} at {slot}");
    }
    slots.tell(&mut scene.figures);
    scene.end().await
}
