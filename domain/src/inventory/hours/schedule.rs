//! The hours in force for one thing: its own, its site's, and which of them counts on a day.

use super::{Opening, SpecialDay, Weekly};
use crate::{
    error::Result,
    inventory::units::Span,
    localtime::{first_showing, wall},
    policies::TimeOfDay,
    refusals::Refusal,
};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// When one thing is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The week in force; all the time when there is none.
    weekly: Option<Vec<Weekly>>,
    days: BTreeMap<NaiveDate, SpecialDay>,
}

impl Schedule {
    /// The hours of a resource over those of its site, each with whether it has a week of its own.
    pub(super) fn of(
        site: (Option<Vec<Weekly>>, Vec<SpecialDay>),
        own: (Option<Vec<Weekly>>, Vec<SpecialDay>),
    ) -> Self {
        let days = site.1.into_iter().chain(own.1).map(|day| (day.day, day)).collect();
        Self { weekly: own.0.or(site.0), days }
    }

    /// Nothing ever closes it.
    #[must_use]
    pub fn is_always_open(&self) -> bool {
        self.weekly.is_none() && self.days.is_empty()
    }

    /// The opening times of a day.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Vec<Opening> {
        if let Some(special) = self.days.get(&day) {
            return special.hours.clone();
        }
        let Some(weekly) = &self.weekly else { return vec![ALL_DAY] };
        let in_season =
            |of: &&Weekly| of.valid_from.is_none_or(|from| from <= day) && of.valid_to.is_none_or(|to| day <= to);
        let weekday = i16::try_from(day.weekday().number_from_monday()).unwrap_or_default();
        weekly.iter().filter(|of| of.weekday == weekday).filter(in_season).map(|of| of.opening).collect()
    }

    /// What people call a day that differs.
    #[must_use]
    pub fn occasion(&self, day: NaiveDate) -> Option<&str> {
        self.days.get(&day)?.name.as_deref()
    }

    /// When it is open, of this span and what touches it: in order, apart from one another.
    #[must_use]
    pub fn open(&self, zone: Tz, span: Span) -> Vec<Span> {
        if self.is_always_open() {
            return vec![span];
        }
        let mut day = wall(span.start, zone).date() - Days::new(1);
        let last = wall(span.end, zone).date();
        let mut spans = Vec::new();
        while day <= last {
            for (opens, closes) in self.on(day).into_iter().map(Opening::minutes) {
                spans.push(Span { start: at(day, opens, zone), end: at(day, closes, zone) });
            }
            day = day + Days::new(1);
        }
        spans.retain(|open| open.start < open.end);
        spans.sort_by_key(|open| (open.start, open.end));
        let mut apart: Vec<Span> = Vec::with_capacity(spans.len());
        for open in spans {
            match apart.last_mut().filter(|last| open.start <= last.end) {
                Some(last) => last.end = last.end.max(open.end),
                None => apart.push(open),
            }
        }
        apart.retain(|open| open.start <= span.end && span.start <= open.end);
        apart
    }

    /// Insists that it is open all that time; of an instant, that it opens or closes then at the latest.
    ///
    /// # Errors
    /// [`Refusal::Closed`] with the opening times of the day.
    pub fn must_cover(&self, zone: Tz, span: Span) -> Result<()> {
        let open = self.open(zone, span);
        if open.iter().any(|open| open.start <= span.start && span.end <= open.end) {
            return Ok(());
        }
        let (start, end) = (wall(span.start, zone), wall(span.end, zone));
        let begins = open.iter().any(|open| open.start <= span.start && span.start < open.end);
        let day = if begins { end.date() } else { start.date() };
        Err(Refusal::Closed {
            rule: "opening_hours",
            limit: self.on(day),
            value: [start, end],
            day,
            timezone: zone.name(),
            occasion: self.occasion(day).map(str::to_owned),
        }
        .into())
    }
}

const ALL_DAY: Opening = Opening { opens: TimeOfDay::MIDNIGHT, closes: TimeOfDay::END };

fn at(day: NaiveDate, minutes: u16, zone: Tz) -> DateTime<Utc> {
    first_showing(day.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes.into()), zone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use chrono_tz::Europe::Paris;

    fn opening(opens: &str, closes: &str) -> Opening {
        Opening { opens: opens.parse().unwrap(), closes: closes.parse().unwrap() }
    }

    fn weekly(weekday: i16, opens: &str, closes: &str) -> Weekly {
        Weekly { weekday, opening: opening(opens, closes), valid_from: None, valid_to: None }
    }

    fn special(day: &str, hours: Vec<Opening>) -> SpecialDay {
        SpecialDay { day: day.parse().unwrap(), name: Some("Fête".into()), hours }
    }

    fn refused(of: &Schedule, from: &str, to: &str) -> Option<(String, usize)> {
        let at = |text: &str| first_showing(text.parse().unwrap(), Paris);
        match of.must_cover(Paris, Span { start: at(from), end: at(to) }) {
            Ok(()) => None,
            Err(Error::Refused(Refusal::Closed { day, limit, .. })) => Some((day.to_string(), limit.len())),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn several_intervals_a_day_and_nights_that_pass_midnight() {
        // Monday in two halves, Friday night into Saturday, Saturday from midnight on
        let week = vec![
            weekly(1, "08:00", "12:00"),
            weekly(1, "14:00", "18:00"),
            weekly(5, "22:00", "02:00"),
            weekly(6, "02:00", "04:00"),
        ];
        let hours = Schedule::of((None, vec![]), (Some(week), vec![]));
        assert_eq!(refused(&hours, "2026-11-30T08:00:00", "2026-11-30T12:00:00"), None);
        assert_eq!(refused(&hours, "2026-11-30T11:00:00", "2026-11-30T15:00:00"), Some(("2026-11-30".into(), 2)));
        assert_eq!(refused(&hours, "2026-12-01T11:00:00", "2026-12-01T12:00:00"), Some(("2026-12-01".into(), 0)));
        assert_eq!(refused(&hours, "2026-12-04T23:00:00", "2026-12-05T03:30:00"), None, "two openings that touch");
        assert_eq!(refused(&hours, "2026-12-04T23:00:00", "2026-12-05T04:30:00"), Some(("2026-12-05".into(), 1)));
        assert!(
            Schedule::default()
                .must_cover(Paris, Span { start: DateTime::UNIX_EPOCH, end: DateTime::UNIX_EPOCH })
                .is_ok()
        );
    }

    #[test]
    fn a_day_that_differs_counts_wherever_it_is_written_and_the_own_week_wins() {
        let site = (
            Some(vec![weekly(1, "06:00", "22:00")]),
            vec![special("2026-11-30", vec![]), special("2026-12-07", vec![])],
        );
        let own =
            (Some(vec![weekly(1, "09:00", "10:00")]), vec![special("2026-12-07", vec![opening("12:00", "13:00")])]);
        let hours = Schedule::of(site, own);
        assert!(refused(&hours, "2026-12-14T08:00:00", "2026-12-14T09:30:00").is_some());
        assert_eq!(refused(&hours, "2026-12-14T09:00:00", "2026-12-14T10:00:00"), None);
        assert_eq!(refused(&hours, "2026-11-30T09:00:00", "2026-11-30T10:00:00"), Some(("2026-11-30".into(), 0)));
        assert_eq!(hours.occasion("2026-11-30".parse().unwrap()), Some("Fête"));
        assert_eq!(refused(&hours, "2026-12-07T12:00:00", "2026-12-07T13:00:00"), None);
        let holidays = Schedule::of((None, vec![special("2026-11-30", vec![])]), (None, vec![]));
        assert_eq!(refused(&holidays, "2026-11-28T23:00:00", "2026-11-30T00:00:00"), None, "open around the holiday");
        assert!(refused(&holidays, "2026-11-29T23:00:00", "2026-11-30T01:00:00").is_some());
    }

    #[test]
    fn seasons_end_and_nights_of_clocks_that_jump_are_open_as_long_as_they_are() {
        let season = |from: &str, to: &str, opens: &str| Weekly {
            valid_from: Some(from.parse().unwrap()),
            valid_to: Some(to.parse().unwrap()),
            ..weekly(7, opens, "04:00")
        };
        let week = vec![season("2026-01-01", "2026-05-31", "01:00"), season("2026-06-01", "2026-12-31", "00:00")];
        let hours = Schedule::of((Some(week), vec![]), (None, vec![]));
        let length = |day: &str| {
            let noon = first_showing(format!("{day}T03:30:00").parse().unwrap(), Paris);
            let open = hours.open(Paris, Span { start: noon, end: noon });
            (open[0].end - open[0].start).num_hours()
        };
        assert_eq!([length("2026-03-29"), length("2026-03-22"), length("2026-10-25")], [2, 3, 5]);
    }
}
