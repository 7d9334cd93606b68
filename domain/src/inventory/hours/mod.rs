//! When things are open (F1–F3, B7, E9, SN12): several intervals a weekday, past midnight, seasons, and days that differ.
//! A resource's own week wins over its site's; a day that differs counts wherever it is written, the resource's own
//! before the site's. What has no hours is always open.

mod queries;
mod replace;
mod schedule;

pub use queries::find;
pub(crate) use queries::{of_resources, on_days};
pub use replace::{Place, replace};
pub use schedule::Schedule;

use crate::{error::Result, inventory::checks, policies::TimeOfDay, refusals::Refusal};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// Most intervals of a week, and most days that differ.
const MOST: usize = 400;

/// From when to when; an end that is not after the beginning is on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// First minute in which it is open.
    pub opens: TimeOfDay,
    /// First minute after; `24:00` is the end of the day.
    pub closes: TimeOfDay,
}

/// An interval of a weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Weekly {
    /// From 1, Monday, to 7.
    pub weekday: i16,
    /// From when to when.
    #[serde(flatten)]
    pub opening: Opening,
    /// First day of the season.
    pub valid_from: Option<NaiveDate>,
    /// Last day of it.
    pub valid_to: Option<NaiveDate>,
}

/// A day that differs from its weekday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SpecialDay {
    /// Which day.
    pub day: NaiveDate,
    /// What people call it.
    pub name: Option<String>,
    /// When it is open nevertheless; closed when empty.
    pub hours: Vec<Opening>,
}

/// What one site or resource says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OpeningHours {
    /// Its week; without any, it says nothing about weekdays.
    pub weekly: Vec<Weekly>,
    /// Its days that differ.
    pub days: Vec<SpecialDay>,
}

impl Opening {
    /// Minutes after midnight of the day on which it begins.
    pub(super) fn minutes(self) -> (u16, u16) {
        let (opens, closes) = (self.opens.minutes(), self.closes.minutes());
        (opens, if closes > opens { closes } else { closes + 1_440 })
    }

    /// Midnight as an end is the end of the day, however it was said.
    fn written_once(self) -> Self {
        let midnight = self.closes == TimeOfDay::MIDNIGHT && self.opens != TimeOfDay::MIDNIGHT;
        Self { closes: if midnight { TimeOfDay::END } else { self.closes }, ..self }
    }

    fn check(self, field: &str) -> Result<()> {
        if self.opens == self.closes || self.opens.minutes() > 1_439 {
            return Err(Refusal::invalid(field, "closes when it opens: all day is 00:00 to 24:00").into());
        }
        Ok(())
    }
}

impl OpeningHours {
    /// The hours as they are stored: in order, within their bounds.
    fn checked(mut self) -> Result<Self> {
        if self.weekly.len() > MOST || self.days.len() > MOST || self.days.iter().any(|day| day.hours.len() > 24) {
            return Err(Refusal::invalid("opening_hours", format!("must be at most {MOST} intervals and days")).into());
        }
        for interval in &mut self.weekly {
            interval.opening = interval.opening.written_once();
            interval.opening.check("weekly")?;
            if !(1..=7).contains(&interval.weekday) {
                return Err(Refusal::invalid("weekly.weekday", "must be 1, Monday, to 7, Sunday").into());
            }
            let season = [interval.valid_from, interval.valid_to];
            if season[0].zip(season[1]).is_some_and(|(from, to)| to < from) || !season.into_iter().flatten().all(known)
            {
                return Err(Refusal::invalid("weekly.valid_to", "must be a day after valid_from").into());
            }
        }
        for day in &mut self.days {
            day.hours.iter_mut().for_each(|opening| *opening = opening.written_once());
            day.hours.iter().try_for_each(|opening| opening.check("days"))?;
            day.name = checks::maybe_label("days.name", day.name.take(), 100)?;
            day.hours.sort_by_key(|opening| opening.minutes());
        }
        self.weekly.sort_by_key(|interval| (interval.weekday, interval.opening.minutes(), interval.valid_from));
        self.days.sort_by_key(|day| day.day);
        if !self.days.iter().all(|day| known(day.day)) || self.days.windows(2).any(|two| two[0].day == two[1].day) {
            return Err(Refusal::invalid("days.day", "must be days of this or the next centuries, each once").into());
        }
        Ok(self)
    }
}

fn known(day: NaiveDate) -> bool {
    (2000..=2200).contains(&day.year())
}
