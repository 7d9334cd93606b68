//! Bookings as an iCalendar answer.

use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::calendars::{self, CalendarEvent};
use http::header;
use integrations::calendar::{Event, Standing, write};

/// The answer: these events under this name, with identities that hold at this host.
pub fn rendered(name: &str, now: DateTime<Utc>, host: &str, events: Vec<CalendarEvent>) -> Response {
    let events: Vec<Event> = events.into_iter().map(|event| shown(event, host)).collect();
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"calendar.ics\""),
    ];
    (headers, write(name, now, &events)).into_response()
}

fn shown(event: CalendarEvent, host: &str) -> Event {
    let standing = match event.standing {
        calendars::Standing::Confirmed => Standing::Confirmed,
        calendars::Standing::Tentative => Standing::Tentative,
        calendars::Standing::Cancelled => Standing::Cancelled,
    };
    let summary = match &event.purpose {
        Some(purpose) => format!("{} – {purpose}", event.what),
        None => event.what,
    };
    Event {
        uid: format!("{}@{host}", event.booking),
        sequence: event.sequence,
        start: event.start,
        end: event.end,
        zone: event.zone,
        standing,
        summary,
        description: event.code,
        location: event.place,
        created: event.created,
        changed: event.changed,
    }
}
