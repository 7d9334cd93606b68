//! `POST /resources/{id}/calendar-import` (Z7).

use crate::{
    App,
    caller::Caller,
    envelope::{List, Reply},
    error::{ApiResult, Door},
    extract::Path,
    middleware::body::Payload,
};
use axum::{
    body::Bytes,
    extract::{FromRequestParts, State},
};
use domain::{
    bookings,
    calendars::{self, Handed},
    ids::ResourceId,
    inventory::resources,
    permissions::Permission,
    refusals::Refusal,
};
use http::{header, request::Parts};
use integrations::calendar::{Incoming, Moment, read};
use serde::Serialize;
use std::convert::Infallible;
use utoipa::ToSchema;
use uuid::Uuid;

/// An event that was handed over, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportedEvent {
    /// Its identity where it comes from.
    uid: String,
    /// `booked`, `moved`, `cancelled`, `unchanged` or `refused`.
    #[schema(example = "booked")]
    outcome: &'static str,
    /// Its booking.
    booking_id: Option<Uuid>,
    /// Why it was refused.
    refusal: Option<&'static str>,
}

/// A body as it was sent, and what it says it is.
pub struct Sent(String, Bytes);

impl<S: Sync> FromRequestParts<S> for Sent {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self(kind.to_ascii_lowercase(), Payload::of(parts)))
    }
}

impl Sent {
    fn events(&self) -> ApiResult<Vec<Incoming>> {
        let Self(kind, body) = self;
        if !kind.starts_with("text/calendar") {
            return Err(Door::UnsupportedMediaType.into());
        }
        let text = std::str::from_utf8(body).map_err(|_| Refusal::invalid("body", "is not UTF-8"))?;
        if text.contains('\0') {
            return Err(Refusal::invalid("body", "holds a NUL character").into());
        }
        Ok(read(text).map_err(|problem| Refusal::invalid("body", problem.to_string()))?)
    }
}

/// Hand over a calendar
///
/// Every event becomes a booking of mine on this resource, each judged by itself. An event that is handed over again is
/// moved or cancelled when its `SEQUENCE` grew, and booked twice never. What comes again (`RRULE`) is refused: use a series.
#[utoipa::path(post, path = "/resources/{id}/calendar-import", tag = "calendars",
    params(("id" = Uuid, Path, description = "The resource")),
    request_body(content = String, content_type = "text/calendar"),
    responses((status = 200, body = List<ImportedEvent>)))]
pub async fn import(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    sent: Sent,
) -> ApiResult<Reply> {
    caller.require(Permission::Book)?;
    let mut tx = caller.begin(&app).await?;
    resources::find(&mut tx, id).await?;
    let events = sent.events()?.into_iter().map(handed).collect();
    let results = calendars::import(&mut tx, caller.user(), id, events).await?;
    tx.commit().await?;
    let shown: Vec<ImportedEvent> = results
        .into_iter()
        .map(|one| ImportedEvent {
            uid: one.uid,
            outcome: one.outcome.code(),
            booking_id: one.booking.map(Uuid::from),
            refusal: one.refusal,
        })
        .collect();
    Ok(Reply::ok(shown))
}

fn handed(event: Incoming) -> Handed {
    let when = match event.recurs {
        true => Err(Refusal::invalid("RRULE", "book a series for what comes again")),
        false => moment("DTSTART", event.start).and_then(|start| Ok((start, moment("DTEND", event.end)?))),
    };
    Handed { uid: event.uid, sequence: event.sequence, when, summary: event.summary, cancelled: event.cancelled }
}

/// A time in a named zone is that instant; without a zone it is meant on the clocks of the place.
fn moment(field: &'static str, moment: Moment) -> Result<bookings::Moment, Refusal> {
    match moment {
        Moment::Instant(at) => Ok(bookings::Moment::Instant(at)),
        Moment::Local(at, None) => Ok(bookings::Moment::Local(at)),
        Moment::Local(at, Some(zone)) => {
            let zone: chrono_tz::Tz =
                zone.parse().map_err(|_| Refusal::invalid(field, "names an unknown time zone"))?;
            let instant = at.and_local_timezone(zone).earliest();
            let instant = instant.ok_or_else(|| Refusal::invalid(field, "is a time no clock there shows"))?;
            Ok(bookings::Moment::Instant(instant.to_utc()))
        }
    }
}
