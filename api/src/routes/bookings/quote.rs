//! `POST /bookings/quote`.

use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    routes::shared::MoneyView,
};
use axum::extract::State;
use domain::bookings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Seats somebody thinks about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskQuote {
    /// The trip; `resource_id` means the same.
    #[serde(alias = "resource_id")]
    trip_id: Uuid,
    /// How many; `quantity` means the same.
    #[serde(alias = "quantity")]
    #[schema(example = 2, minimum = 1, maximum = 60)]
    seats: i32,
}

/// A price and its parts.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quote {
    /// What the rider pays.
    price: MoneyView,
    /// For one seat.
    unit_price: MoneyView,
    /// How many seats.
    #[schema(example = 2)]
    seats: i32,
    /// What the platform keeps of it.
    commission: MoneyView,
    /// What the driver earns.
    earnings: MoneyView,
}

/// What would it cost?
///
/// Books nothing.
#[utoipa::path(post, path = "/bookings/quote", tag = "bookings", request_body = AskQuote,
    responses((status = 200, body = Data<Quote>)))]
pub async fn quote(State(app): State<App>, caller: Caller, Json(ask): Json<AskQuote>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let quote = bookings::quote(&mut tx, ask.trip_id.into(), ask.seats).await?;
    Ok(Reply::ok(Quote {
        price: quote.price.into(),
        unit_price: quote.unit_price.into(),
        seats: quote.quantity,
        commission: quote.commission.into(),
        earnings: quote.earnings.into(),
    }))
}
