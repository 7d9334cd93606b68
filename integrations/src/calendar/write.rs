//! A calendar as others read it: lines of at most 75 octets, local times with the zone they are meant in, and for every
//! event an identity that stays and a number that grows with each change.

use super::zone::definition;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::fmt::Write;

/// The longest line, in octets, without its end.
const LONGEST_LINE: usize = 75;

/// How an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It will be.
    Confirmed,
    /// Somebody has to agree, or to pay.
    Tentative,
    /// It will not be.
    Cancelled,
}

/// One event.
#[derive(Debug, Clone)]
pub struct Event {
    /// The same for ever, whatever else changes.
    pub uid: String,
    /// Grows with each change.
    pub sequence: i32,
    /// First instant.
    pub start: DateTime<Utc>,
    /// First instant after.
    pub end: DateTime<Utc>,
    /// In whose clocks it is meant.
    pub zone: Tz,
    /// How it stands.
    pub standing: Standing,
    /// What it is called.
    pub summary: String,
    /// More of it.
    pub description: Option<String>,
    /// Where it is.
    pub location: Option<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it was last changed.
    pub changed: DateTime<Utc>,
}

/// A calendar of this name with these events, as of `now`.
#[must_use]
pub fn write(name: &str, now: DateTime<Utc>, events: &[Event]) -> String {
    let mut text = String::new();
    let head = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Teranga//Reservations//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ];
    head.iter().for_each(|line| fold(&mut text, line));
    fold(&mut text, &format!("X-WR-CALNAME:{}", escaped(name)));
    fold(&mut text, "REFRESH-INTERVAL;VALUE=DURATION:PT1H");
    let mut zones: Vec<Tz> = events.iter().map(|event| event.zone).filter(|zone| *zone != Tz::UTC).collect();
    zones.sort_by_key(|zone| zone.name());
    zones.dedup();
    for zone in zones {
        let of_zone = || events.iter().filter(|event| event.zone == zone);
        if let (Some(first), Some(last)) =
            (of_zone().map(|event| event.start).min(), of_zone().map(|event| event.end).max())
        {
            definition(zone, first, last).iter().for_each(|line| fold(&mut text, line));
        }
    }
    for event in events {
        lines(event, now).iter().for_each(|line| fold(&mut text, line));
    }
    fold(&mut text, "END:VCALENDAR");
    text
}

fn lines(event: &Event, now: DateTime<Utc>) -> Vec<String> {
    let standing = match event.standing {
        Standing::Confirmed => "CONFIRMED",
        Standing::Tentative => "TENTATIVE",
        Standing::Cancelled => "CANCELLED",
    };
    let text = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name}:{}", escaped(value)));
    let lines = [
        Some("BEGIN:VEVENT".to_owned()),
        Some(format!("UID:{}", escaped(&event.uid))),
        Some(format!("SEQUENCE:{}", event.sequence)),
        Some(format!("DTSTAMP:{}", utc(now))),
        Some(format!("CREATED:{}", utc(event.created))),
        Some(format!("LAST-MODIFIED:{}", utc(event.changed))),
        Some(local("DTSTART", event.start, event.zone)),
        Some(local("DTEND", event.end, event.zone)),
        Some(format!("STATUS:{standing}")),
        Some(format!("SUMMARY:{}", escaped(&event.summary))),
        text("DESCRIPTION", &event.description),
        text("LOCATION", &event.location),
        Some("END:VEVENT".to_owned()),
    ];
    lines.into_iter().flatten().collect()
}

fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn local(name: &str, at: DateTime<Utc>, zone: Tz) -> String {
    if zone == Tz::UTC {
        return format!("{name}:{}", utc(at));
    }
    format!("{name};TZID={}:{}", zone.name(), at.with_timezone(&zone).format("%Y%m%dT%H%M%S"))
}

/// A text whose own commas, semicolons and lines are not the format's.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars().filter(|c| *c != '\r') {
        match c {
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// One line, broken where it is too long and never within a character.
fn fold(text: &mut String, line: &str) {
    let mut room = LONGEST_LINE;
    for c in line.chars() {
        if c.len_utf8() > room {
            text.push_str("\r\n ");
            room = LONGEST_LINE - 1;
        }
        let _ = text.write_char(c);
        room -= c.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_broken_between_characters_and_read_whole_again() {
        let line = format!("SUMMARY:{}", "réunion à Yamoussoukro, ".repeat(9));
        let mut text = String::new();
        fold(&mut text, &line);
        assert!(text.split("\r\n").all(|line| line.len() <= LONGEST_LINE));
        assert_eq!(text.replace("\r\n ", "").trim_end(), line.trim_end());
    }

    #[test]
    fn a_text_cannot_end_its_line() {
        assert_eq!(escaped("a,b;c\\d\r\nEND:VEVENT\u{7}"), "a\\,b\\;c\\\\d\\nEND:VEVENT");
    }
}
