//! What a zone's clocks do over a span of time, spelled out: not every calendar knows every zone, nor the newest rules.

use chrono::{DateTime, Datelike, FixedOffset, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

/// The lines of a `VTIMEZONE` that holds from some time before `first` until after `last`.
pub(super) fn definition(zone: Tz, first: DateTime<Utc>, last: DateTime<Utc>) -> Vec<String> {
    let begin = Utc.with_ymd_and_hms(first.year() - 1, 1, 1, 0, 0, 0).single().unwrap_or(first);
    let mut lines = vec!["BEGIN:VTIMEZONE".to_owned(), format!("TZID:{}", zone.name())];
    lines.extend(observance(zone, begin, fixed(zone, begin)));
    for change in changes(zone, begin, last + TimeDelta::days(366)) {
        lines.extend(observance(zone, change, fixed(zone, change - TimeDelta::seconds(1))));
    }
    lines.push("END:VTIMEZONE".to_owned());
    lines
}

/// What holds from an instant on, where `before` held until then.
fn observance(zone: Tz, from: DateTime<Utc>, before: FixedOffset) -> Vec<String> {
    let local = from.with_timezone(&zone);
    let kind = if local.offset().dst_offset().is_zero() { "STANDARD" } else { "DAYLIGHT" };
    vec![
        format!("BEGIN:{kind}"),
        format!("DTSTART:{}", from.with_timezone(&before).format("%Y%m%dT%H%M%S")),
        format!("TZOFFSETFROM:{}", written(before)),
        format!("TZOFFSETTO:{}", written(local.offset().fix())),
        format!("TZNAME:{}", local.offset().abbreviation().unwrap_or(zone.name())),
        format!("END:{kind}"),
    ]
}

fn fixed(zone: Tz, at: DateTime<Utc>) -> FixedOffset {
    at.with_timezone(&zone).offset().fix()
}

fn written(offset: FixedOffset) -> String {
    let (sign, seconds) = (if offset.local_minus_utc() < 0 { '-' } else { '+' }, offset.local_minus_utc().abs());
    let rest = if seconds % 60 == 0 { String::new() } else { format!("{:02}", seconds % 60) };
    format!("{sign}{:02}{:02}{rest}", seconds / 3_600, seconds / 60 % 60)
}

/// The instants at which the clocks change, found a day at a time and then to the second.
fn changes(zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let mut found = Vec::new();
    let mut day = from;
    while day < until {
        let next = day + TimeDelta::days(1);
        if fixed(zone, day) != fixed(zone, next) {
            let (mut before, mut after) = (day, next);
            while after - before > TimeDelta::seconds(1) {
                let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
                if fixed(zone, middle) == fixed(zone, day) { before = middle } else { after = middle }
            }
            found.push(after);
        }
        day = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn changes_are_found_to_the_second() {
        let paris = changes(chrono_tz::Europe::Paris, at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
        assert_eq!(paris, [at("2026-03-29T01:00:00Z"), at("2026-10-25T01:00:00Z")]);
        assert!(changes(chrono_tz::Africa::Abidjan, at("2026-01-01T00:00:00Z"), at("2036-01-01T00:00:00Z")).is_empty());
    }

    #[test]
    fn a_change_is_written_in_the_clocks_that_held_before() {
        let lines =
            observance(chrono_tz::Europe::Paris, at("2026-03-29T01:00:00Z"), FixedOffset::east_opt(3_600).unwrap());
        let expected = [
            "BEGIN:DAYLIGHT",
            "DTSTART:20260329T020000",
            "TZOFFSETFROM:+0100",
            "TZOFFSETTO:+0200",
            "TZNAME:CEST",
            "END:DAYLIGHT",
        ];
        assert_eq!(lines, expected);
        assert_eq!(written(FixedOffset::west_opt(12_600).unwrap()), "-0330");
    }
}
