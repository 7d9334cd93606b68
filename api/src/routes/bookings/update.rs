//! `PATCH /bookings/{id}` (G34, SN13, T14).

use super::{
    ask::moment,
    step::{Step, Taken},
    view::Booking,
};
use crate::{
    App,
    conditions::IfMatch,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::Version,
};
use axum::extract::State;
use chrono::NaiveDate;
use domain::{
    bookings::{self, Authority, BookingPatch, Moment, When},
    db::Tx,
    error::Result,
    ids::{BookingId, UnitId},
    policies::Period,
    refusals::Refusal,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What shall change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeBooking {
    /// As in a request.
    #[schema(example = "2026-11-30T10:00:00Z")]
    start_at: Option<String>,
    /// As in a request.
    #[schema(example = "2026-11-30T12:00:00Z")]
    end_at: Option<String>,
    /// Another day of the same half-day, or of `period`.
    #[schema(example = "2026-12-01")]
    date: Option<NaiveDate>,
    /// Another part of the same day, or of `date`.
    #[schema(value_type = Option<String>, example = "afternoon")]
    period: Option<Period>,
    /// Another number of units, where nobody named them.
    #[schema(example = 2, minimum = 1, maximum = 60)]
    quantity: Option<i32>,
    /// Another unit of the same resource, of a booking of one.
    unit_id: Option<Uuid>,
    /// How many people come.
    #[schema(example = 2, minimum = 1, maximum = 100_000)]
    participants: Option<i32>,
    /// What it is for; empty takes it away.
    #[schema(example = "Film club")]
    purpose: Option<String>,
    /// A word to whoever decides; empty takes it away.
    note: Option<String>,
}

/// Move or change a booking
///
/// In one step that never loses the old time: what refuses leaves everything as it was. Of a ride only the note can
/// change. What staff agreed to is moved by staff.
#[utoipa::path(patch, path = "/bookings/{id}", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking"), Version), request_body = ChangeBooking,
    responses((status = 200, body = Data<Booking>)))]
pub async fn update(
    State(app): State<App>,
    step: Step,
    _mandatory: IfMatch,
    Json(ask): Json<ChangeBooking>,
) -> ApiResult<Reply> {
    match step.as_rider(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx, by) => {
            let when = ask.when(&mut tx, by, step.id).await?;
            let patch = BookingPatch {
                when,
                quantity: ask.quantity,
                unit: ask.unit_id.map(UnitId),
                participants: ask.participants,
                purpose: ask.purpose,
                note: ask.note,
            };
            let booking = bookings::reschedule(&mut tx, by, step.id, patch).await?;
            step.finish(tx, booking).await
        }
    }
}

/// Move or change a booking
///
/// The same as `PATCH`.
#[utoipa::path(put, path = "/bookings/{id}", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking"), Version), request_body = ChangeBooking,
    responses((status = 200, body = Data<Booking>)))]
pub async fn replace(app: State<App>, step: Step, seen: IfMatch, ask: Json<ChangeBooking>) -> ApiResult<Reply> {
    update(app, step, seen, ask).await
}

impl ChangeBooking {
    /// The new time: what is left out is as it was.
    async fn when(&self, tx: &mut Tx, by: Authority, id: BookingId) -> Result<Option<When>> {
        let ranged = self.start_at.is_some() || self.end_at.is_some();
        let parted = self.date.is_some() || self.period.is_some();
        if ranged && parted {
            return Err(Refusal::invalid("date", "use start_at and end_at, or date and period").into());
        }
        if !ranged && !parted {
            return Ok(None);
        }
        let before = bookings::find(tx, by, id).await?;
        if parted {
            let day = before.start_at.with_timezone(&before.timezone).date_naive();
            let period = self.period.or(before.period);
            let period = period.ok_or_else(|| Refusal::invalid("period", "is missing: morning, afternoon or day"))?;
            return Ok(Some(When::Part { date: self.date.unwrap_or(day), period }));
        }
        let start = self.start_at.as_deref().map(|text| moment("start_at", text)).transpose()?;
        let end = self.end_at.as_deref().map(|text| moment("end_at", text)).transpose()?;
        Ok(Some(When::Range {
            start: start.unwrap_or(Moment::Instant(before.start_at)),
            end: end.unwrap_or(Moment::Instant(before.end_at)),
        }))
    }
}
