//! The money core under random steps, many at once (issue 7, Must show 1): agents book, pay, use codes, cancel, travel,
//! miss, fill and empty wallets, draw payouts, and carry the jobs that follow, early, late, twice and in any order, by the product's own
//! rules on a real database, one commit for each. Beside them a provider that keeps books of its own, and a witness in the
//! database that looks at every commit.

mod carry;
mod gifts;
mod provider;
mod steps;
mod witness;

pub use witness::Wrong;

use crate::{app::TestApp, luck::Luck, people::Person};
use domain::{
    db::{Db, Scope, Tx},
    error::{Error, Result},
    identity,
    ids::*,
    jobs::{Payments, Reservations},
    organizations::settings::Settings,
    policies::{CancellationTier, NoShow, RefundDestination},
};
use provider::Provider;
use sqlx::{AssertSqlSafe, PgPool};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
    time::Instant,
};

const RIDERS: usize = 120;
const DRIVERS: usize = 40;
/// Connections that work at the same time.
const AGENTS: usize = 8;

/// Rules under which everything can happen: part of a price is kept, a no-show costs, wallets take what providers refuse.
pub fn rules() -> Settings {
    let tier = |before_minutes, fee_basis_points| CancellationTier {
        before_minutes,
        allowed: true,
        fee_basis_points,
        fee_fixed: 0,
    };
    let mut settings = Settings {
        cancellation: vec![tier(30, 10_000), tier(180, 5_000), tier(400, 2_500)],
        release_after_minutes: Some(10),
        refund_destination: RefundDestination::OriginalThenWallet,
        no_show: NoShow { fee_basis_points: 6_000, ..NoShow::default() },
        unpaid_bookings_per_day: 1_000,
        require_kyc_for_driver: false,
        reminders: Vec::new(),
        hold_minutes: 20,
        ..Settings::default()
    };
    settings.commission.basis_points = 1_000;
    settings.commission.fixed = 33;
    settings.payout.requires_kyc = false;
    settings.withdrawal.requires_kyc = false;
    settings.withdrawal.cool_down_hours = 0;
    settings.withdrawal.daily_maximum = 1_000_000_000;
    settings
}

/// A job somebody will carry.
#[derive(Debug, Clone)]
enum Job {
    Payment(Payments),
    Reservation(Reservations),
}

/// A booking people still think of.
#[derive(Debug, Clone, Copy)]
struct Booked {
    id: BookingId,
    rider: UserId,
}

/// How often a kind of step was taken, how often refused.
type Tally = BTreeMap<&'static str, (u64, u64)>;

/// Where the agents meet.
pub struct Field {
    db: Db,
    org: OrgId,
    account: ProviderAccountId,
    owner: PgPool,
    provider: Provider,
    staff: UserId,
    /// Agrees, or not, to what the first of the staff asked for.
    second: UserId,
    riders: Vec<UserId>,
    drivers: Vec<UserId>,
    trips: Mutex<Vec<ResourceId>>,
    booked: Mutex<Vec<Booked>>,
    codes: Mutex<Vec<gifts::Heard>>,
    /// Those who were seen at the door.
    aboard: Mutex<Vec<BookingId>>,
    /// Payments people still think of, whatever became of them.
    paid: Mutex<Vec<PaymentId>>,
    /// Refunds that wait for a person.
    troubled: Mutex<Vec<PaymentId>>,
    jobs: Mutex<Vec<Job>>,
    tally: Mutex<Tally>,
    faults: Mutex<Vec<String>>,
}

/// What was done, and what was wrong.
pub struct Played {
    /// Steps taken, each by a rule of the product in commits of its own; refusals, retries and those that found nothing to
    /// do are among them.
    pub transitions: u64,
    /// Commits among them that changed something, as their audit events tell.
    pub changed: i64,
    /// Steps the rules refused.
    pub refused: u64,
    /// What ended in a fault of the database or of ours.
    pub faults: Vec<String>,
    /// Sides of the books the witness looked at, each in its commit.
    pub entries: i64,
    /// Refunds it held against what was captured.
    pub refunds: i64,
    pub seconds: f64,
    pub tally: Tally,
    pub wrong: Wrong,
}

impl Field {
    /// Brings the people, and the witness.
    pub async fn of(app: &TestApp) -> Arc<Self> {
        sqlx::raw_sql(include_str!("witness.sql")).execute(&app.owner).await.unwrap();
        let name = &app.database.name;
        let quick = format!("alter database {name} set synchronous_commit = off");
        sqlx::raw_sql(AssertSqlSafe(quick)).execute(&app.owner).await.unwrap();
        let (mut riders, mut drivers) = (Vec::new(), Vec::new());
        for _ in 0..RIDERS {
            let rider = app.rider().await;
            let mut tx = app.db.begin(Scope::system(app.org)).await.unwrap();
            identity::set_destination(&mut tx, rider.id, "wave", &rider.phone, "Awa").await.unwrap();
            tx.commit().await.unwrap();
            riders.push(rider.id);
        }
        for _ in 0..DRIVERS {
            drivers.push(app.driver().await.id);
        }
        let Person { id: staff, .. } = app.person("Mariam", &["finance"]).await;
        let Person { id: second, .. } = app.person("Ibrahim", &["finance"]).await;
        let pool = app.database.service(u32::try_from(AGENTS).unwrap() + 2).await;
        Arc::new(Self {
            db: Db::start(pool, Some(app.db.keys().unwrap())),
            org: app.org,
            account: app.account,
            owner: app.owner.clone(),
            provider: Provider::default(),
            staff,
            second,
            riders,
            drivers,
            trips: Mutex::default(),
            booked: Mutex::default(),
            codes: Mutex::default(),
            aboard: Mutex::default(),
            paid: Mutex::default(),
            troubled: Mutex::default(),
            jobs: Mutex::default(),
            tally: Mutex::default(),
            faults: Mutex::default(),
        })
    }

    /// Lets the agents work until so many transitions are done, brings everything to rest, and looks.
    pub async fn play(self: &Arc<Self>, transitions: u64, luck: &mut Luck) -> Played {
        let (began, before) = (Instant::now(), self.seen("changed").await);
        let agents: Vec<_> = (0..AGENTS)
            .map(|_| tokio::spawn(self.clone().work(luck.apart(), transitions / AGENTS as u64 + 1)))
            .collect();
        for agent in agents {
            agent.await.unwrap();
        }
        self.come_to_rest(luck).await;
        let seconds = began.elapsed().as_secs_f64();
        let done = self.seen("changed").await - before;
        let tally = self.tally.lock().unwrap().clone();
        let faults = self.faults.lock().unwrap().clone();
        Played {
            transitions: tally.values().map(|(taken, _)| taken).sum(),
            changed: done,
            refused: tally.values().map(|(_, refused)| refused).sum(),
            faults,
            entries: self.seen("entries").await,
            refunds: self.seen("refunds").await,
            seconds,
            tally,
            wrong: self.look().await,
        }
    }

    /// What is wrong now.
    pub async fn look(&self) -> Wrong {
        Wrong::of(self).await
    }

    /// What the witness counted.
    async fn seen(&self, what: &str) -> i64 {
        let sql = format!("select case when is_called then last_value else 0 end from witness.{what}");
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.owner).await.unwrap()
    }

    async fn work(self: Arc<Self>, mut luck: Luck, steps: u64) {
        for _ in 0..steps {
            let done = self.step(&mut luck).await;
            self.count(done);
        }
    }

    fn count(&self, (kind, done): (&'static str, Result<()>)) {
        let mut tally = self.tally.lock().unwrap();
        let (taken, refused) = tally.entry(kind).or_default();
        *taken += 1;
        match done {
            Ok(()) => {}
            Err(Error::Refused(_)) => *refused += 1,
            Err(Error::Fault(fault)) => {
                self.faults.lock().unwrap().push(format!("{kind}: {fault:?}"));
            }
        }
    }

    async fn begin(&self) -> Result<Tx> {
        self.db.begin(Scope::system(self.org)).await
    }

    /// One of the newest so many.
    fn one_of<T: Copy>(list: &Mutex<Vec<T>>, newest: u64, luck: &mut Luck) -> Option<T> {
        let list = list.lock().unwrap();
        let last = list.len().checked_sub(1)?;
        Some(list[last.saturating_sub(usize::try_from(luck.below(newest)).unwrap_or_default())])
    }

    fn remember<T>(list: &Mutex<Vec<T>>, one: T) {
        let mut list = list.lock().unwrap();
        list.push(one);
        if list.len() > 400 {
            list.drain(..200);
        }
    }
}

impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "transitions={} changed={} refused={} faults={} entries_checked={} refunds_checked={} agents={AGENTS} seconds={:.0} {}",
            self.transitions,
            self.changed,
            self.refused,
            self.faults.len(),
            self.entries,
            self.refunds,
            self.seconds,
            self.wrong
        )
    }
}
