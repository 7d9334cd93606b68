//! `POST /bookings` (G12, G27, G28, CX15, CX18).

use super::view::Booking;
use crate::{
    App,
    caller::Caller,
    conditions::IdempotencyKey,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::Key,
};
use axum::extract::State;
use domain::{
    bookings::{self, NewBooking},
    permissions::Permission,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Seats somebody asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskSeats {
    /// The trip; `resource_id` means the same.
    #[serde(alias = "resource_id")]
    trip_id: Uuid,
    /// How many; `quantity` means the same.
    #[serde(alias = "quantity")]
    #[schema(example = 1, minimum = 1, maximum = 60)]
    seats: i32,
    /// A word to the driver, at most 1000 characters.
    #[schema(example = "I will wait at the pharmacy.")]
    note: Option<String>,
}

/// Book seats
///
/// The seats are yours in the same instant, or the answer tells how many are free. They are held until the driver
/// answers, and then until the payment is due: see `hold_expires_at`.
#[utoipa::path(post, path = "/bookings", tag = "bookings", params(Key), request_body = AskSeats,
    responses((status = 201, body = Data<Booking>)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    Json(ask): Json<AskSeats>,
) -> ApiResult<Reply> {
    caller.require(Permission::Book)?;
    let mut tx = caller.begin(&app).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, Some(&key)).await? {
        return Ok(earlier);
    }
    let new = NewBooking {
        creator: caller.user(),
        beneficiary: caller.user(),
        trip: ask.trip_id.into(),
        seats: ask.seats,
        note: ask.note,
    };
    let booking = bookings::request(&mut tx, new).await?;
    let (id, version) = (booking.id, booking.version);
    let view = Booking::with_seats(&mut tx, booking).await?;
    let reply = Reply::created(format!("/api/v1/bookings/{id}"), view).version(version);
    Ok(reply.commit(tx, Some(&key)).await?)
}
