//! PAGE THREE: what happens on its own, and when. Times are UTC by the database's clock; an organization's own hours
//! are a matter for the jobs. Everything here repeats something that also happens by itself: a sweep catches what a
//! timer lost, and finds nothing when none was.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    db::Tx,
    error::Result,
    jobs::{Maintenance, Notifications, Reservations},
};

/// One line of the schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Names the tick for ever: a renamed entry may fire its newest slot once more.
    pub name: &'static str,
    /// Five fields, or six with seconds first.
    pub cron: &'static str,
    /// What is enqueued.
    pub job: Job,
    /// What becomes of slots that passed while nobody looked.
    pub catch_up: CatchUp,
}

/// What becomes of slots that passed while no clock ran or the database was away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatchUp {
    /// The newest one fires at once, older ones never: a sweep does the work of all it missed.
    Latest,
    /// A slot missed by more than this is left out: when everything catches up, it can wait for its next turn.
    SkipAfter(TimeDelta),
}

/// A job that needs no arguments.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // named after the queues
pub enum Job {
    Reservations(Reservations),
    Notifications(Notifications),
    Maintenance(Maintenance),
}

impl Job {
    pub(crate) async fn post(&self, tx: &mut Tx, name: &str, slot: DateTime<Utc>) -> Result<bool> {
        match self {
            Self::Reservations(job) => tx.tick(name, slot, job).await,
            Self::Notifications(job) => tx.tick(name, slot, job).await,
            Self::Maintenance(job) => tx.tick(name, slot, job).await,
        }
    }
}

const fn entry(name: &'static str, cron: &'static str, job: Job, catch_up: CatchUp) -> Entry {
    Entry { name, cron, job, catch_up }
}

use CatchUp::{Latest, SkipAfter};
use Job::{Maintenance as M, Notifications as N, Reservations as R};

/// The schedule. Sweeps of one minute are spread over it, so that they do not all begin together.
#[rustfmt::skip]
pub const SCHEDULE: [Entry; 16] = [
    entry("sweep_holds",      " 0 *   * * * *", R(Reservations::SweepHolds),      Latest),
    entry("sweep_deadlines",  "20 *   * * * *", R(Reservations::SweepDeadlines),  Latest),
    entry("sweep_lines",      "10 *   * * * *", R(Reservations::SweepLines),      Latest),
    entry("sweep_offers",     "25 *   * * * *", R(Reservations::SweepOffers),     Latest),
    entry("sweep_entries",    "40 *   * * * *", R(Reservations::SweepEntries),    Latest),
    entry("sweep_payments",   "15 *   * * * *", M(Maintenance::SweepPayments),    Latest),
    entry("sweep_events",     "30 *   * * * *", M(Maintenance::SweepEvents),      Latest),
    entry("sweep_deliveries", "45 *   * * * *", N(Notifications::SweepDeliveries), Latest),
    entry("sweep_operations", "55 */5 * * * *", M(Maintenance::SweepOperations),  Latest),
    entry("sweep_reminders",  " 5 */5 * * * *", N(Notifications::SweepReminders), Latest),
    entry("check_invariants", "50 */5 * * * *", M(Maintenance::CheckInvariants),  SkipAfter(TimeDelta::seconds(60))),
    entry("clean_up",         "20 7   * * * *", M(Maintenance::CleanUp),          Latest),
    entry("schedule_payouts", "10 6   * * * *", M(Maintenance::SchedulePayouts),  Latest),
    entry("resolve_times",    "35 13  * * * *", M(Maintenance::ResolveTimes),     Latest),
    entry("sweep_reconciliations", "45 23 * * * *", M(Maintenance::SweepReconciliations), Latest),
    entry("keep_history",     "40 3   * * * *", M(Maintenance::KeepHistory),      Latest),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_name_is_written_once() {
        let names: HashSet<_> = SCHEDULE.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), SCHEDULE.len());
    }
}
