//! When a booking is: from what a person says (instants, wall-clock times, or a named part of a day) to instants, once,
//! by `localtime` (CX21, MODEL §6). A day of clocks that jump is as long as it is.

use crate::{
    error::Result,
    inventory::units::Span,
    localtime,
    policies::{Period, Rules},
    refusals::Refusal,
};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

/// Years in which a calendar makes sense; beyond them arithmetic on dates ends.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2200;

/// One end of a booking, as a person says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// In UTC.
    Instant(DateTime<Utc>),
    /// With an offset. Where that is the place's own, its clocks are meant, and which of two equal times.
    Offset(DateTime<FixedOffset>),
    /// On the clocks of the place.
    Local(NaiveDateTime),
    /// On the clocks of the place, which was this instant when it was said.
    Meant(NaiveDateTime, DateTime<Utc>),
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
                let span =
                    Span { start: localtime::first_showing(start, zone), end: localtime::first_showing(end, zone) };
                Ok(Times { span, local: Some((start, end)), period: Some(period) })
            }
            Self::Range { start, end } => {
                let span = Span { start: start.at("start_at", zone)?, end: end.at("end_at", zone)? };
                let wall = |at: DateTime<Utc>| localtime::wall(at, zone);
                let local = (start.is_local(zone) || end.is_local(zone)).then(|| (wall(span.start), wall(span.end)));
                Ok(Times { span, local, period: None })
            }
        }
    }
}

impl Moment {
    /// The instant that is meant on these clocks.
    pub(crate) fn at(self, field: &'static str, zone: Tz) -> Result<DateTime<Utc>> {
        match self {
            Self::Instant(at) => known_year(field, at.year()).map(|()| at),
            Self::Offset(at) => known_year(field, at.year()).map(|()| at.to_utc()),
            Self::Local(local) => {
                known_year(field, local.year())?;
                localtime::instant(local, zone)
            }
            Self::Meant(local, had) => localtime::again(local, had, zone),
        }
    }

    /// Whether the clocks of the place are meant, so that the booking follows them.
    fn is_local(self, zone: Tz) -> bool {
        match self {
            Self::Instant(_) => false,
            Self::Offset(at) => zone.offset_from_utc_datetime(&at.naive_utc()).fix() == *at.offset(),
            Self::Local(_) | Self::Meant(..) => true,
        }
    }
}

fn known_year(field: &'static str, year: i32) -> Result<()> {
    if YEARS.contains(&year) {
        return Ok(());
    }
    Err(Refusal::invalid(field, format!("must be in the years {} to {}", YEARS.start(), YEARS.end())).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

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
    fn an_offset_of_the_place_chooses_between_two_equal_times_and_keeps_the_intent() {
        let paris = chrono_tz::Europe::Paris;
        let ask = |start: &str| {
            let moment = |text: &str| Moment::Offset(DateTime::parse_from_rfc3339(text).unwrap());
            let when = When::Range { start: moment(start), end: moment("2026-10-25T05:00:00Z") };
            when.resolve(&Rules::default(), paris).unwrap()
        };
        let (first, second) = (ask("2026-10-25T02:30:00+02:00"), ask("2026-10-25T02:30:00+01:00"));
        assert_eq!(second.span.start - first.span.start, chrono::TimeDelta::hours(1));
        assert_eq!(first.local.unwrap(), second.local.unwrap());
        assert_eq!(ask("2026-10-25T02:30:00+05:00").local, None, "an offset from elsewhere is an instant");
        let twice = Moment::Local("2026-10-25T02:30:00".parse().unwrap());
        let when = When::Range { start: twice, end: twice };
        assert!(matches!(when.resolve(&Rules::default(), paris), Err(Error::Refused(Refusal::LocalTimeTwice { .. }))));
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
