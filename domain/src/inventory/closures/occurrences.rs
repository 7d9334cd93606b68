//! When a closure that comes again is: at the same time on the clocks of the place, whatever these do between.

use super::Repeat;
use crate::{error::Result, inventory::units::Span, localtime::first_showing, refusals::Refusal};
use chrono::{Days, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

/// Most times one closure comes.
const MOST: usize = 400;

/// Every time it is closed. `first` is the first one, `local` the same on the clocks.
pub(super) fn occurrences(
    first: Span,
    local: (NaiveDateTime, NaiveDateTime),
    zone: Tz,
    repeats: Option<(Repeat, NaiveDate)>,
) -> Result<Vec<Span>> {
    let Some((repeat, until)) = repeats else { return Ok(vec![first]) };
    let step = match repeat {
        Repeat::Daily => 1,
        Repeat::Weekly => 7,
    };
    let mut spans = vec![first];
    for number in 1..=MOST {
        let later = Days::new(step * u64::try_from(number).unwrap_or_default());
        let (start, end) = (local.0 + later, local.1 + later);
        if start.date() > until {
            return apart(spans);
        }
        let span = Span { start: first_showing(start, zone), end: first_showing(end, zone) };
        spans.extend(Some(span).filter(|span| span.start < span.end));
    }
    Err(Refusal::invalid("until", format!("it would come more than {MOST} times")).into())
}

fn apart(spans: Vec<Span>) -> Result<Vec<Span>> {
    if spans.windows(2).any(|two| two[1].start < two[0].end) {
        return Err(Refusal::invalid("end_at", "must be before it comes again").into());
    }
    Ok(spans)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Paris;

    fn closed(from: &str, to: &str, repeat: Repeat, until: &str) -> Result<Vec<Span>> {
        let local: (NaiveDateTime, NaiveDateTime) = (from.parse().unwrap(), to.parse().unwrap());
        let first = Span { start: first_showing(local.0, Paris), end: first_showing(local.1, Paris) };
        occurrences(first, local, Paris, Some((repeat, until.parse().unwrap())))
    }

    #[test]
    fn it_comes_again_at_the_same_time_on_the_clocks() {
        let spans = closed("2026-10-19T18:00:00", "2026-10-19T20:00:00", Repeat::Weekly, "2026-11-01").unwrap();
        let starts: Vec<String> = spans.iter().map(|span| span.start.to_rfc3339()).collect();
        assert_eq!(starts, ["2026-10-19T16:00:00+00:00", "2026-10-26T17:00:00+00:00"]);
        assert!(closed("2026-10-19T18:00:00", "2026-10-20T20:00:00", Repeat::Daily, "2026-10-21").is_err(), "overlaps");
        assert!(closed("2026-10-19T18:00:00", "2026-10-19T20:00:00", Repeat::Daily, "2028-10-21").is_err(), "no end");
        assert_eq!(closed("2026-10-19T18:00:00", "2026-10-19T20:00:00", Repeat::Daily, "2026-10-19").unwrap().len(), 1);
    }
}
