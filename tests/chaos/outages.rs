//! The database goes away under a steady beat of jobs and comes back: how soon is the pace what it was?

use crate::{
    figures::Figures,
    luck::Luck,
    pace::{beat, now, per_second, seconds_to},
    post_room::ends_of,
    postgres::Outage,
    scene::{Field, Plan, Scene},
    stage::Stage,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{ids::BookingId, jobs::Reservations};
use harness::TestApp;
use sqlx::PgPool;
use std::{
    cell::Cell,
    fmt,
    time::{Duration, Instant},
};

/// The pace before is that of so many seconds.
const BEFORE: TimeDelta = TimeDelta::seconds(6);
/// The kind of job that is posted all the time.
const ASKED: &str = "booking.expire_hold";
/// Bookings in turn, so that their locks are not what is measured.
const BOOKINGS: usize = 8;
/// After the last outage the pace is watched for so long at least.
const LAST: Duration = Duration::from_secs(6);
/// The pace is back at 95 % within this many seconds of the database.
const SOON: f64 = 3.0;

/// What went away, and until when it was watched.
pub struct Outages {
    pub all: Vec<Outage>,
    pub until: DateTime<Utc>,
}

/// How long it was away, the pace before, and the seconds until that was back.
pub struct Around {
    away: f64,
    before: f64,
    back: f64,
}

/// Unpaid bookings whose hold is not over: asking whether to end it finds nothing to do.
async fn bookings(app: &TestApp) -> Vec<BookingId> {
    let mut held = Vec::new();
    for _ in 0..BOOKINGS {
        let (ride, rider) = (app.ride(1, 2_000).await, app.rider().await);
        held.push(app.book(&rider, &ride, 1).await.parse().unwrap());
    }
    held
}

/// Lets `outage` happen every ten seconds or so while jobs of the product keep coming.
async fn keep_breaking(
    mut field: Field<'_>,
    bookings: &[BookingId],
    outage: impl AsyncFn(&Stage) -> Outage,
) -> Outages {
    let (stage, over) = (field.stage, field.over);
    let until = Cell::new(over);
    let breaking = async {
        let mut all = Vec::new();
        loop {
            tokio::time::sleep(field.luck.millis(9_000, 11_000)).await;
            if Instant::now() + LAST > over {
                return all;
            }
            all.push(outage(stage).await);
            until.set(over.max(Instant::now() + LAST));
            field.orphans.count(&stage.eyes, None, Instant::now()).await;
        }
    };
    let (_, all) = futures::join!(beat(&stage.app, &until, |number| asked(bookings, number)), breaking);
    Outages { all, until: now(&stage.eyes).await }
}

/// A job that is alive once per deadline: each has another.
fn asked(bookings: &[BookingId], number: u64) -> Reservations {
    let booking = bookings[usize::try_from(number).unwrap() % bookings.len()];
    let deadline = DateTime::from_timestamp_micros(i64::try_from(number).unwrap()).unwrap();
    Reservations::ExpireHold { booking, deadline }
}

impl Outages {
    /// What the history of a kind of job says of the pace around each.
    pub async fn pace_of(&self, kind: &str, eyes: &PgPool) -> Vec<Around> {
        let ends = ends_of(eyes, kind).await;
        let next = self.all.iter().skip(1).map(|outage| outage.down).chain([self.until]);
        let around = self.all.iter().zip(next).map(|(outage, next)| {
            let before = per_second(&ends, outage.down - BEFORE, outage.down);
            let away = (outage.up - outage.down).as_seconds_f64();
            Around { away, before, back: seconds_to(before, &ends, outage.up, next) }
        });
        around.collect()
    }
}

impl Around {
    /// As figures, the worst of all.
    pub fn tell(all: &[Self], figures: &mut Figures) {
        let worst = |of: fn(&Self) -> f64| all.iter().map(of).fold(0.0, f64::max);
        figures.at_least("outages", all.len() as f64, 1.0);
        figures.told("away_s", worst(|around| around.away));
        figures.at_least("pace_before", all.iter().map(|around| around.before).fold(f64::INFINITY, f64::min), 1.0);
        figures.at_most("pace_back_s", worst(|around| around.back), SOON);
    }
}

impl fmt::Display for Around {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { away, before, back } = self;
        write!(f, "away for {away:.2}s; {before:.0} jobs a second before, the pace back after {back:.2}s")
    }
}

/// The whole case, once it is decided what goes away.
pub async fn under_outages(plan: Plan, luck: Luck, outage: impl AsyncFn(&Stage) -> Outage) -> bool {
    let mut scene = Scene::set(plan, luck).await;
    let held = bookings(&scene.stage.app).await;
    let outages = scene.under_load(async |field| keep_breaking(field, &held, outage).await).await;
    scene.at_rest().await;
    let around = outages.pace_of(ASKED, &scene.stage.eyes).await;
    for line in &around {
        println!("  {line}");
    }
    Around::tell(&around, &mut scene.figures);
    scene.end().await
}
