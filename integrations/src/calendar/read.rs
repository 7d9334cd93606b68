//! A calendar that somebody hands over: its events, as far as a booking needs to know them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use icalendar::parser::{Component, Property, read_calendar, unfold};

/// Events of one calendar.
const MOST_EVENTS: usize = 500;

/// One end of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// In UTC.
    Instant(DateTime<Utc>),
    /// On the clocks of this zone, by its IANA name; without one, of the place.
    Local(NaiveDateTime, Option<String>),
}

/// An event that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Its identity where it comes from.
    pub uid: String,
    /// Grew with each change there.
    pub sequence: i32,
    /// When it begins.
    pub start: Moment,
    /// When it ends.
    pub end: Moment,
    /// What it is called.
    pub summary: Option<String>,
    /// Whether it was called off.
    pub cancelled: bool,
    /// Whether it comes again.
    pub recurs: bool,
}

/// Why a calendar cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

/// The events of a calendar.
///
/// # Errors
/// [`Unreadable`] when it is none, or an event has no identity or no times, or there are more than 500.
pub fn read(text: &str) -> Result<Vec<Incoming>, Unreadable> {
    if !text.trim_start_matches('\u{feff}').trim_start().starts_with("BEGIN:VCALENDAR") {
        return Err(Unreadable("is no iCalendar".into()));
    }
    let unfolded = unfold(text.trim_start_matches('\u{feff}').trim());
    let calendar = read_calendar(&unfolded).map_err(|_| Unreadable("is no iCalendar that can be read".into()))?;
    let events: Vec<&Component<'_>> = calendar.components.iter().filter(|one| one.name.as_str() == "VEVENT").collect();
    if events.len() > MOST_EVENTS {
        return Err(Unreadable(format!("has more than {MOST_EVENTS} events")));
    }
    events.into_iter().map(event).collect()
}

fn event(component: &Component<'_>) -> Result<Incoming, Unreadable> {
    let text = |name: &str| component.find_prop(name).map(|property| property.val.as_str().to_owned());
    let uid = text("UID")
        .filter(|uid| (1..=255).contains(&uid.len()))
        .ok_or_else(|| Unreadable("has an event without UID".into()))?;
    let wrong = |what: &str| Unreadable(format!("has no usable {what} in the event {uid}"));
    let start = component.find_prop("DTSTART").and_then(moment).ok_or_else(|| wrong("DTSTART"))?;
    let end = component.find_prop("DTEND").and_then(moment).ok_or_else(|| wrong("DTEND"))?;
    let sequence = match text("SEQUENCE") {
        None => 0,
        Some(number) => number.trim().parse().ok().filter(|number| *number >= 0).ok_or_else(|| wrong("SEQUENCE"))?,
    };
    let summary =
        component.find_prop("SUMMARY").map(|property| property.val.clone().unescape_text().as_str().to_owned());
    let cancelled = text("STATUS").is_some_and(|status| status.trim().eq_ignore_ascii_case("CANCELLED"));
    let recurs = ["RRULE", "RDATE"].iter().any(|name| component.find_prop(name).is_some());
    Ok(Incoming { uid, sequence, start, end, summary, cancelled, recurs })
}

fn moment(property: &Property<'_>) -> Option<Moment> {
    let text = property.val.as_str().trim();
    let zone = property.params.iter().find(|one| one.key.as_str() == "TZID").and_then(|one| one.val.as_ref());
    let zone = zone.map(|zone| zone.as_str().trim_matches('"').to_owned());
    if let Some(utc) = text.strip_suffix('Z') {
        return NaiveDateTime::parse_from_str(utc, "%Y%m%dT%H%M%S").ok().map(|at| Moment::Instant(at.and_utc()));
    }
    let local = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok();
    let day = || NaiveDate::parse_from_str(text, "%Y%m%d").ok().map(|day| day.and_time(NaiveTime::MIN));
    local.or_else(day).map(|at| Moment::Local(at, zone))
}

#[cfg(test)]
mod tests {
    use super::{super::write, *};
    use chrono::TimeZone;

    #[test]
    fn what_we_write_a_parser_of_others_reads() {
        let event = write::Event {
            uid: "b-1@example.org".into(),
            sequence: 3,
            start: Utc.with_ymd_and_hms(2026, 10, 26, 8, 0, 0).unwrap(),
            end: Utc.with_ymd_and_hms(2026, 10, 26, 9, 30, 0).unwrap(),
            zone: chrono_tz::Europe::Paris,
            standing: write::Standing::Cancelled,
            summary: "Réunion; élargie, au siège – avec une suite qui est plus longue que ce que tient une ligne"
                .into(),
            description: Some("Ligne 1\nLigne 2".into()),
            location: None,
            created: Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap(),
            changed: Utc.with_ymd_and_hms(2026, 1, 2, 0, 0, 0).unwrap(),
        };
        let text = write::write("Mes réservations", event.changed, std::slice::from_ref(&event));
        let read = read(&text).unwrap();
        let local = |text: &str| Moment::Local(text.parse().unwrap(), Some("Europe/Paris".into()));
        let expected = Incoming {
            uid: event.uid,
            sequence: 3,
            start: local("2026-10-26T09:00:00"), // in winter again
            end: local("2026-10-26T10:30:00"),
            summary: Some(event.summary),
            cancelled: true,
            recurs: false,
        };
        assert_eq!(read, [expected]);
    }

    #[test]
    fn what_is_no_calendar_is_refused() {
        for wrong in ["", "hello", "BEGIN:VCALENDAR", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let event =
            |lines: &str| format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n");
        let times = "DTSTART:20261207T090000\r\nDTEND:20261207T100000Z\r\n";
        assert!(read(&event(times)).is_ok());
        for wrong in ["", "DTSTART:soon\r\nDTEND:later\r\n", &format!("{times}SEQUENCE:-1\r\n")] {
            assert!(read(&event(wrong)).is_err(), "{wrong}");
        }
    }
}
