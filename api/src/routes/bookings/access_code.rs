//! `GET /bookings/{id}/access-code` (G39, G41, SN18).

use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    bookings::{self, Authority},
    ids::BookingId,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What a rider shows to get on.
#[derive(Serialize, ToSchema)]
pub struct AccessCode {
    /// For a QR code.
    token: String,
    /// To say aloud.
    #[schema(example = "123456")]
    digits: String,
    /// From when it opens.
    opens_at: DateTime<Utc>,
    /// From when it no longer does.
    closes_at: DateTime<Utc>,
}

/// The code that checks me in
///
/// For the rider alone, once the booking is confirmed.
#[utoipa::path(get, path = "/bookings/{id}/access-code", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking")), responses((status = 200, body = Data<AccessCode>)))]
pub async fn access_code(State(app): State<App>, caller: Caller, Path(id): Path<BookingId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let code = bookings::access_code(&mut tx, Authority::Own(caller.user()), id).await?;
    let bookings::AccessCode { token, digits, opens_at, closes_at } = code;
    Ok(Reply::ok(AccessCode { token, digits, opens_at, closes_at }))
}
