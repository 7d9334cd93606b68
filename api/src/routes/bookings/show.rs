//! `GET /bookings/{id}`.

use super::{
    step::{LOOKERS, ground},
    view::{Booking, shown},
};
use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
};
use axum::extract::State;
use domain::{bookings, ids::BookingId};

/// One booking
///
/// For its rider, its driver and staff.
#[utoipa::path(get, path = "/bookings/{id}", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking")), responses((status = 200, body = Data<Booking>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<BookingId>) -> ApiResult<Reply> {
    let (mut tx, by) = ground(&app, &caller, &LOOKERS, &[]).await?;
    let booking = bookings::find(&mut tx, by, id).await?;
    Ok(shown(&mut tx, booking).await?)
}
