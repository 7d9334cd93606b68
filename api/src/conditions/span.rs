//! `created_at_gte=…` and `created_at_lte=…`, or their aliases: a span of time to look into (CX4).

use super::Asked;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use domain::refusals::Refusal;

/// From an instant on, before another; open where nothing was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// At this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub before: Option<DateTime<Utc>>,
}

impl Asked {
    /// The span between the first of `from` and the first of `to` that were given: each an RFC 3339 instant or a date.
    /// A date stands for the whole day, in UTC; the end belongs to the span.
    ///
    /// # Errors
    /// `validation_error` for two names of one end, what cannot be read, or an end before the beginning.
    pub fn span(&mut self, from: &[&'static str], to: &[&'static str]) -> Result<Span, Refusal> {
        let beginning = self.end_of_span(from)?.map(|(_, end)| match end {
            End::Instant(at) => at,
            End::Day(day) => day.and_time(NaiveTime::MIN).and_utc(),
        });
        let ending = self.end_of_span(to)?;
        let name = ending.map(|(name, _)| name);
        let before = ending.and_then(|(_, end)| match end {
            // the last instant asked for is seen too
            End::Instant(at) => at.checked_add_signed(chrono::TimeDelta::microseconds(1)),
            End::Day(day) => Some(day.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN).and_utc()),
        });
        match (beginning, before, name) {
            (Some(from), Some(before), Some(name)) if before <= from => {
                Err(Refusal::invalid(name, "must not be before the beginning"))
            }
            _ => Ok(Span { from: beginning, before }),
        }
    }

    fn end_of_span(&mut self, names: &[&'static str]) -> Result<Option<(&'static str, End)>, Refusal> {
        let mut found = None;
        for name in names {
            let Some(text) = self.text(name) else { continue };
            if let Some((other, _)) = found {
                return Err(Refusal::invalid(*name, format!("use {other} or {name}, not both")));
            }
            let end = read(&text).ok_or_else(|| Refusal::invalid(*name, "expected an RFC 3339 instant or a date"))?;
            found = Some((*name, end));
        }
        Ok(found)
    }
}

#[derive(Clone, Copy)]
enum End {
    Instant(DateTime<Utc>),
    Day(NaiveDate),
}

/// Years of four digits only: no calendar of ours goes further, nor does the database's.
fn read(text: &str) -> Option<End> {
    let four_digits = text.len() >= 10 && text.bytes().take(4).all(|byte| byte.is_ascii_digit());
    if !four_digits {
        return None;
    }
    let instant = DateTime::parse_from_rfc3339(text).ok().map(|at| End::Instant(at.to_utc()));
    instant.or_else(|| text.parse().ok().map(End::Day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(query: &[(&str, &str)]) -> Result<Span, Refusal> {
        let pairs = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Asked::read(pairs)?.span(&["created_at_gte", "created_from"], &["created_at_lte", "created_to"])
    }

    #[test]
    fn a_day_is_whole_and_an_instant_belongs_to_its_span() {
        let day = span(&[("created_from", "2026-11-21"), ("created_to", "2026-11-21")]).unwrap();
        assert_eq!(day.before.unwrap() - day.from.unwrap(), chrono::TimeDelta::days(1));
        let instant =
            span(&[("created_at_gte", "2026-11-21T10:00:00Z"), ("created_at_lte", "2026-11-21T11:00:00+01:00")]);
        let instant = instant.unwrap();
        assert!(instant.from < instant.before);
        assert_eq!(span(&[]).unwrap(), Span { from: None, before: None });
    }

    #[test]
    fn nonsense_and_both_names_at_once_are_refused() {
        for wrong in [
            vec![("created_from", "yesterday")],
            vec![("created_from", "2026-02-30")],
            vec![("created_from", "+12026-01-01")],
            vec![("created_from", "2026-11-22"), ("created_to", "2026-11-21")],
            vec![("created_from", "2026-11-21"), ("created_at_gte", "2026-11-21")],
        ] {
            assert!(span(&wrong).is_err(), "{wrong:?}");
        }
    }
}
