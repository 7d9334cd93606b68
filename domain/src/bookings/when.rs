//! When a booking is: from what a person says (instants, wall-clock times, or a named part of a day) to instants, once,
//! by one function (CX21, MODEL §6). A day of clocks that jump is as long as it is.

use crate::{
    error::Result,
    inventory::units::Span,
    policies::{Period, Rules},
    refusals::Refusal,
};
use chrono::{DateTime, Datelike, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Years in which a calendar makes sense; beyond them arithmetic on dates ends.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2200;

/// One end of a booking, as a person says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// In UTC or with an offset.
    Instant(DateTime<Utc>),
    /// On the clocks of the place.
    Local(NaiveDateTime),
}

/// A time that somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// From one moment to another.
    Range {
        /// First instant.
        start: Moment,
        /// First instant after.
        end: Moment,
    },
    /// A named part of a day on the clocks of the place (G1).
    Part {
        /// Which day.
        date: NaiveDate,
        /// Which part of it.
        period: Period,
    },
}

/// The same as instants, with what was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    pub span: Span,
    pub local: Option<(NaiveDateTime, NaiveDateTime)>,
    pub period: Option<Period>,
}

impl When {
    /// The instants that are meant, where these rules say what a morning is and these clocks hang.
    pub(super) fn resolve(self, rules: &Rules, zone: Tz) -> Result<Times> {
        match self {
            Self::Part { date, period } => {
                known_year("date", date.year())?;
                let hours = rules.periods.hours(period);
                let (start, end) = (hours.from.on(date), hours.to.on(date));
                let span = Span { start: instant(start, zone)?, end: instant(end, zone)? };
                Ok(Times { span, local: Some((start, end)), period: Some(period) })
            }
            Self::Range { start, end } => {
                let span = Span { start: start.at("start_at", zone)?, end: end.at("end_at", zone)? };
                let wall = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
                let meant_locally = matches!(start, Moment::Local(_)) || matches!(end, Moment::Local(_));
                let local = meant_locally.then(|| (wall(span.start), wall(span.end)));
                Ok(Times { span, local, period: None })
            }
        }
    }
}

impl Moment {
    fn at(self, field: &'static str, zone: Tz) -> Result<DateTime<Utc>> {
        match self {
            Self::Instant(at) => {
                known_year(field, at.year())?;
                Ok(at)
            }
            Self::Local(at) => {
                known_year(field, at.year())?;
                instant(at, zone)
            }
        }
    }
}

fn known_year(field: &'static str, year: i32) -> Result<()> {
    if YEARS.contains(&year) {
        return Ok(());
    }
    Err(Refusal::invalid(field, format!("must be in the years {} to {}", YEARS.start(), YEARS.end())).into())
}

/// A time shown twice means the first; one never shown is refused with its neighbours.
fn instant(local: NaiveDateTime, zone: Tz) -> Result<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => Ok(at.to_utc()),
        MappedLocalTime::None => Err(Refusal::NoSuchLocalTime { choices: neighbours(local, zone) }.into()),
    }
}

fn neighbours(local: NaiveDateTime, zone: Tz) -> Vec<String> {
    let nearest = |step: TimeDelta| {
        let mut shown = (1..=1_440).filter_map(|n| zone.from_local_datetime(&(local + step * n)).earliest());
        shown.next().map(|at| at.to_rfc3339())
    };
    [TimeDelta::minutes(-1), TimeDelta::minutes(1)].into_iter().filter_map(nearest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn day(date: &str, zone: Tz) -> Span {
        let when = When::Part { date: date.parse().unwrap(), period: Period::Day };
        when.resolve(&Rules::default(), zone).unwrap().span
    }

    #[test]
    fn a_day_of_clocks_that_jump_is_as_long_as_it_is() {
        let paris = chrono_tz::Europe::Paris;
        let midnight = Rules { periods: whole_days(), ..Rules::default() };
        let length = |date: &str| {
            let when = When::Part { date: date.parse().unwrap(), period: Period::Day };
            let span = when.resolve(&midnight, paris).unwrap().span;
            (span.end - span.start).num_hours()
        };
        assert_eq!([length("2026-03-28"), length("2026-03-29"), length("2026-10-25")], [24, 23, 25]);
        assert_eq!(day("2026-07-01", paris).start.to_rfc3339(), "2026-07-01T06:00:00+00:00");
        assert_eq!(day("2026-07-01", chrono_tz::Africa::Abidjan).start.to_rfc3339(), "2026-07-01T08:00:00+00:00");
    }

    fn whole_days() -> crate::policies::Periods {
        serde_json::from_value(serde_json::json!({
            "morning": { "from": "00:00", "to": "12:00" }, "afternoon": { "from": "12:00", "to": "24:00" },
            "day": { "from": "00:00", "to": "24:00" } }))
        .unwrap()
    }

    #[test]
    fn a_time_never_shown_is_refused_with_its_neighbours_and_one_shown_twice_is_the_first() {
        let paris = chrono_tz::Europe::Paris;
        match instant(local("2026-03-29T02:30:00"), paris) {
            Err(Error::Refused(Refusal::NoSuchLocalTime { choices })) => {
                assert_eq!(choices, ["2026-03-29T01:59:00+01:00", "2026-03-29T03:00:00+02:00"]);
            }
            other => panic!("{other:?}"),
        }
        let twice = instant(local("2026-10-25T02:30:00"), paris).unwrap();
        assert_eq!(twice.to_rfc3339(), "2026-10-25T00:30:00+00:00");
    }

    #[test]
    fn the_morning_is_inside_the_day() {
        let zone = chrono_tz::Africa::Abidjan;
        let part = |period| When::Part { date: "2026-11-30".parse().unwrap(), period };
        let spans = [Period::Morning, Period::Afternoon, Period::Day]
            .map(|period| part(period).resolve(&Rules::default(), zone).unwrap().span);
        assert!(spans[2].start <= spans[0].start && spans[1].end <= spans[2].end && spans[0].end <= spans[1].start);
    }
}
