//! Which slot of an entry is due: pure arithmetic over the database's time.

use crate::schedule::{CatchUp, Entry};
use chrono::{DateTime, SubsecRound, Utc};
use croner::{Cron, errors::CronError};
use std::str::FromStr;

/// An entry with the newest slot this clock has dealt with.
#[derive(Debug, Clone)]
pub struct Hand {
    /// Its line in the schedule.
    pub entry: Entry,
    cron: Cron,
    last: Option<DateTime<Utc>>,
}

impl Hand {
    /// A hand that has dealt with no slot yet.
    ///
    /// # Errors
    /// When the entry's cron cannot be read.
    pub fn new(entry: Entry) -> Result<Self, CronError> {
        let cron = Cron::from_str(entry.cron)?;
        Ok(Self { entry, cron, last: None })
    }

    /// The slot to fire at `now`, if there is one: the newest that has come, unless it was dealt with or came too long
    /// ago. A time that runs backwards gives slots that fired before, which the database knows.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let newest = self.cron.find_previous_occurrence(&now.trunc_subsecs(0), true).ok()?;
        let in_time = match self.entry.catch_up {
            CatchUp::Latest => true,
            CatchUp::SkipAfter(most) => now - newest <= most,
        };
        (self.last != Some(newest) && in_time).then_some(newest)
    }

    /// The slot was dealt with: by us, or by another clock before us.
    pub fn settle(&mut self, slot: DateTime<Utc>) {
        self.last = Some(slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{Job, SCHEDULE};
    use chrono::TimeDelta;
    use domain::jobs::Maintenance;

    fn hand(cron: &'static str, catch_up: CatchUp) -> Hand {
        let job = Job::Maintenance(Maintenance::CleanUp);
        Hand::new(Entry { name: "test", cron, job, catch_up }).unwrap()
    }

    fn at(time: &str) -> DateTime<Utc> {
        format!("2026-11-21T{time}Z").parse().unwrap()
    }

    #[test]
    fn the_whole_schedule_can_be_read_and_comes_round_within_the_hour() {
        for entry in SCHEDULE {
            let hand = Hand::new(entry).unwrap();
            let now = at("12:34:56");
            let slot = hand.cron.find_previous_occurrence(&now, true).unwrap();
            assert!(now - slot < TimeDelta::hours(1), "{} {slot}", hand.entry.name);
        }
    }

    #[test]
    fn a_slot_is_due_from_its_second_on_and_once() {
        let mut hand = hand("0 * * * * *", CatchUp::Latest);
        hand.settle(at("12:00:00"));
        assert_eq!(hand.due(at("12:00:59.999")), None);
        assert_eq!(hand.due(at("12:01:00.001")), Some(at("12:01:00")));
        assert_eq!(hand.due(at("12:01:30")), Some(at("12:01:00")), "until it is settled");
        hand.settle(at("12:01:00"));
        assert_eq!(hand.due(at("12:01:30")), None);
    }

    #[test]
    fn of_missed_slots_only_the_newest_fires() {
        let mut hand = hand("0 */5 * * * *", CatchUp::Latest);
        assert_eq!(hand.due(at("12:03:00")), Some(at("12:00:00")), "a clock that just started asks the database");
        hand.settle(at("12:00:00"));
        assert_eq!(hand.due(at("14:59:10")), Some(at("14:55:00")), "hours away, or a clock moved ahead");
    }

    #[test]
    fn what_can_wait_is_left_out_when_late() {
        let hand = hand("0 */5 * * * *", CatchUp::SkipAfter(TimeDelta::seconds(60)));
        assert_eq!(hand.due(at("12:01:00")), Some(at("12:00:00")));
        assert_eq!(hand.due(at("12:01:01")), None);
        assert_eq!(hand.due(at("12:05:00")), Some(at("12:05:00")));
    }

    #[test]
    fn a_time_that_runs_backwards_asks_for_a_slot_the_database_knows() {
        let mut hand = hand("0 * * * * *", CatchUp::Latest);
        hand.settle(at("13:00:00"));
        assert_eq!(hand.due(at("12:30:10")), Some(at("12:30:00")));
        hand.settle(at("12:30:00"));
        assert_eq!(hand.due(at("12:31:00")), Some(at("12:31:00")));
    }

    #[test]
    fn five_fields_mean_the_whole_minute() {
        assert_eq!(hand("7 * * * *", CatchUp::Latest).due(at("12:07:01")), Some(at("12:07:00")));
    }
}
