//! On which dates a series falls, and at which time of the local clocks. The clocks of the place say when that is: nine
//! o'clock stays nine o'clock when they are put back.

use crate::{
    bookings::{Moment, When},
    error::Result,
    refusals::Refusal,
};
use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use serde::Serialize;

/// Dates of one series.
const MOST_DATES: usize = 120;

/// Certain weekdays of every so many weeks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pattern {
    /// From 1, Monday, to 7.
    pub weekdays: Vec<u32>,
    /// 1 for every week, 2 for every other, counted from the week of `first`.
    pub every_weeks: u32,
    /// No date is before it.
    pub first: NaiveDate,
    /// The last date that may be one.
    pub until: NaiveDate,
    /// On the clocks of the place.
    pub start: NaiveTime,
    /// On the next day when it is not later than `start`.
    pub end: NaiveTime,
}

impl Pattern {
    /// The pattern with each weekday once, if it makes sense.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the field; at most 120 dates.
    pub fn checked(mut self) -> Result<Self> {
        self.weekdays.sort_unstable();
        self.weekdays.dedup();
        if self.weekdays.is_empty() || self.weekdays.iter().any(|day| !(1..=7).contains(day)) {
            return Err(Refusal::invalid("weekdays", "must be 1 to 7 days of the week").into());
        }
        if !(1..=52).contains(&self.every_weeks) {
            return Err(Refusal::invalid("every_weeks", "must be between 1 and 52").into());
        }
        let years = 2000..=2200;
        if !years.contains(&self.first.year()) || !years.contains(&self.until.year()) || self.until < self.first {
            return Err(Refusal::invalid("until", "must not be before first_date").into());
        }
        match self.dates().take(MOST_DATES + 1).count() {
            0 => Err(Refusal::invalid("until", "there is no such weekday until then").into()),
            count if count > MOST_DATES => {
                Err(Refusal::invalid("until", format!("must be at most {MOST_DATES} dates")).into())
            }
            _ => Ok(self),
        }
    }

    /// Its dates, in order.
    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> + '_ {
        let days = self.first.iter_days().take_while(|day| *day <= self.until);
        days.filter(|day| self.skips(*day) == 0 && self.weekdays.contains(&day.weekday().number_from_monday()))
    }

    /// Where a pattern begins that has the same dates from this one on: every other week counts as before.
    pub(super) fn first_from(&self, from: NaiveDate) -> NaiveDate {
        match self.skips(from) {
            0 => from,
            skipped => {
                let weeks = u64::from(self.every_weeks.max(1)) - skipped;
                monday(from) + Days::new(weeks * 7)
            }
        }
    }

    /// How many weeks a day is after a week that counts.
    fn skips(&self, day: NaiveDate) -> u64 {
        let weeks = (monday(day) - monday(self.first)).num_weeks().unsigned_abs();
        weeks % u64::from(self.every_weeks.max(1))
    }

    /// From when to when it is on one of them.
    #[must_use]
    pub fn on(&self, date: NaiveDate) -> When {
        let end_date = if self.end > self.start { date } else { date + Days::new(1) };
        When::Range { start: Moment::Local(date.and_time(self.start)), end: Moment::Local(end_date.and_time(self.end)) }
    }
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - Days::new(day.weekday().num_days_from_monday().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(weekdays: &[u32], every_weeks: u32, first: &str, until: &str) -> Pattern {
        let time = |text: &str| text.parse().unwrap();
        let (first, until) = (first.parse().unwrap(), until.parse().unwrap());
        Pattern {
            weekdays: weekdays.to_vec(),
            every_weeks,
            first,
            until,
            start: time("09:00:00"),
            end: time("10:00:00"),
        }
    }

    #[test]
    fn the_dates_are_the_weekdays_of_the_weeks_meant() {
        let dates = |pattern: Pattern| pattern.dates().map(|day| day.to_string()).collect::<Vec<_>>();
        // 2026-12-02 is a Wednesday
        assert_eq!(
            dates(pattern(&[1, 3], 1, "2026-12-02", "2026-12-14")),
            ["2026-12-02", "2026-12-07", "2026-12-09", "2026-12-14"]
        );
        // every other week counts from the week of the first date, not from the date
        assert_eq!(dates(pattern(&[1, 3], 2, "2026-12-02", "2026-12-16")), ["2026-12-02", "2026-12-14", "2026-12-16"]);
        let rest = pattern(&[1, 3], 2, "2026-12-02", "2026-12-30");
        let later = Pattern { first: rest.first_from("2026-12-07".parse().unwrap()), ..rest.clone() };
        assert_eq!(dates(later), dates(rest)[1..].to_vec());
        assert_eq!(dates(pattern(&[7], 1, "2026-12-28", "2027-01-03")), ["2027-01-03"]);
    }

    #[test]
    fn a_pattern_that_says_nothing_is_refused() {
        assert_eq!(pattern(&[3, 1, 3], 1, "2026-12-02", "2026-12-14").checked().unwrap().weekdays, [1, 3]);
        for wrong in [
            pattern(&[], 1, "2026-12-02", "2026-12-14"),
            pattern(&[8], 1, "2026-12-02", "2026-12-14"),
            pattern(&[1], 0, "2026-12-02", "2026-12-14"),
            pattern(&[1], 1, "2026-12-14", "2026-12-02"),
            pattern(&[1], 1, "2026-12-02", "2026-12-02"),
            pattern(&[1, 2, 3, 4, 5], 1, "2026-12-02", "2027-12-02"),
            pattern(&[1], 1, "2026-12-02", "9999-12-02"),
        ] {
            assert!(wrong.clone().checked().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_night_ends_on_the_next_day() {
        let mut night = pattern(&[1], 1, "2026-12-07", "2026-12-07");
        night.start = "22:00:00".parse().unwrap();
        night.end = "02:00:00".parse().unwrap();
        let on = |text: &str| Moment::Local(text.parse().unwrap());
        let meant = When::Range { start: on("2026-12-07T22:00:00"), end: on("2026-12-08T02:00:00") };
        assert_eq!(night.on("2026-12-07".parse().unwrap()), meant);
    }
}
