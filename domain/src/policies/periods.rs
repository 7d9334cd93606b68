//! Named parts of a day (G1, MODEL §8): ranges on the site's clocks. `day` covers the other two, so that it excludes them
//! by construction (CX17, FT-03).

use crate::{error::Result, refusals::Refusal};
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize, de};
use std::{fmt, str::FromStr};

/// A time of day on a clock, to the minute; `24:00` is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay {
    minutes: u16,
}

impl TimeOfDay {
    /// When a day begins.
    pub const MIDNIGHT: Self = Self { minutes: 0 };
    /// When it ends: `24:00`.
    pub const END: Self = Self { minutes: 1_440 };

    /// Hours 0 to 24 and minutes; `None` when there is no such time.
    #[must_use]
    pub const fn of(hour: u16, minute: u16) -> Option<Self> {
        let minutes = hour * 60 + minute;
        if minute < 60 && minutes <= 1_440 { Some(Self { minutes }) } else { None }
    }

    /// Minutes after midnight.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.minutes
    }

    const fn hour(hour: u16) -> Self {
        Self { minutes: hour * 60 }
    }

    /// This time on that day: `24:00` is midnight of the next.
    #[must_use]
    pub fn on(self, day: NaiveDate) -> NaiveDateTime {
        let time = NaiveTime::from_hms_opt(u32::from(self.minutes / 60), u32::from(self.minutes % 60), 0);
        time.map_or_else(|| (day + Days::new(1)).and_time(NaiveTime::MIN), |time| day.and_time(time))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

impl FromStr for TimeOfDay {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        text.split_once(':')
            .filter(|(hour, minute)| digits(hour) && digits(minute))
            .and_then(|(hour, minute)| Self::of(hour.parse().ok()?, minute.parse().ok()?))
            .ok_or("must be a time such as 08:00, at most 24:00")
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// From one time of a day to a later one of the same day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// First minute inside.
    pub from: TimeOfDay,
    /// First minute after.
    pub to: TimeOfDay,
}

/// The named parts of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Periods {
    /// Until lunch.
    pub morning: Hours,
    /// From lunch.
    pub afternoon: Hours,
    /// All of it.
    pub day: Hours,
}

/// A part of a day, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Period {
    /// Until lunch.
    Morning,
    /// From lunch.
    Afternoon,
    /// All of it.
    Day,
}

impl Period {
    /// As stored and served.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
            Self::Day => "day",
        }
    }
}

impl Default for Periods {
    fn default() -> Self {
        let hours = |from, to| Hours { from: TimeOfDay::hour(from), to: TimeOfDay::hour(to) };
        Self { morning: hours(8, 12), afternoon: hours(13, 18), day: hours(8, 18) }
    }
}

impl Periods {
    /// The hours of a period.
    #[must_use]
    pub fn hours(&self, period: Period) -> Hours {
        match period {
            Period::Morning => self.morning,
            Period::Afternoon => self.afternoon,
            Period::Day => self.day,
        }
    }

    /// Each ends after it starts, the two halves follow each other, and the day covers both.
    pub(super) fn check(&self) -> Result<()> {
        let Self { morning, afternoon, day } = self;
        let forward = [morning, afternoon, day].iter().all(|hours| hours.from < hours.to);
        let whole = day.from <= morning.from && morning.to <= afternoon.from && afternoon.to <= day.to;
        if forward && whole {
            return Ok(());
        }
        let problem = "morning comes before afternoon, each ends after it starts, and day covers both";
        Err(Refusal::invalid("rules.periods", problem).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_read_and_written_alike() {
        for text in ["00:00", "08:30", "24:00"] {
            assert_eq!(text.parse::<TimeOfDay>().unwrap().to_string(), text);
        }
        for wrong in ["8:00", "24:01", "12:60", "noon", "+1:00", "12:00:00", ""] {
            assert!(wrong.parse::<TimeOfDay>().is_err(), "{wrong}");
        }
        let day = NaiveDate::from_ymd_opt(2026, 12, 31).unwrap();
        assert_eq!("24:00".parse::<TimeOfDay>().unwrap().on(day).to_string(), "2027-01-01 00:00:00");
    }

    #[test]
    fn the_day_covers_its_halves() {
        let usual = Periods::default();
        usual.check().unwrap();
        let hours = |from: u16, to: u16| Hours { from: TimeOfDay::hour(from), to: TimeOfDay::hour(to) };
        assert!(Periods { day: hours(9, 18), ..usual }.check().is_err());
        assert!(Periods { morning: hours(8, 14), ..usual }.check().is_err());
        assert!(Periods { afternoon: hours(18, 13), ..usual }.check().is_err());
    }
}
