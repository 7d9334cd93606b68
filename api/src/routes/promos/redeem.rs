//! `POST /promos/validate`, `POST /promos/redeem` (M2, M4, M10).

use super::view::Redemption;
use crate::{
    App,
    caller::Caller,
    conditions::IdempotencyKey,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::Key,
    routes::shared::MoneyView,
};
use axum::extract::State;
use domain::{ids::BookingId, permissions::Permission, promotions};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A code, and what it is used on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseCode {
    /// In any case.
    #[schema(example = "BIENVENUE")]
    code: String,
    /// A booking of mine that waits for its payment, for a code that takes something off.
    booking_id: Option<Uuid>,
}

/// What a code would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromoOffer)]
pub struct Offer {
    /// The promotion.
    promo_id: Uuid,
    /// `percent_off`, `amount_off` or `credit`.
    #[schema(example = "percent_off")]
    effect: &'static str,
    /// What it gives.
    amount: MoneyView,
    /// The price of the booking.
    price: Option<MoneyView>,
    /// What would be left to pay.
    to_pay: Option<MoneyView>,
}

/// Try a code
///
/// What it would give me now. Nothing is kept.
#[utoipa::path(post, path = "/promos/validate", tag = "money", request_body = UseCode,
    responses((status = 200, body = Data<Offer>)))]
pub async fn validate(State(app): State<App>, caller: Caller, Json(ask): Json<UseCode>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::Book).await?;
    let booking = ask.booking_id.map(BookingId);
    let found = promotions::validate(&mut tx, caller.user(), &ask.code, booking).await?;
    Ok(Reply::ok(Offer {
        to_pay: found.to_pay().map(MoneyView::from),
        promo_id: found.promo.id.into(),
        effect: found.promo.effect.code(),
        amount: found.amount.into(),
        price: found.price.map(MoneyView::from),
    }))
}

/// Use a code
///
/// Credit is in my wallet at once. What is taken off a booking is promised to it until it is paid: a payment opened from
/// now on asks for the rest. When nothing is left to pay, the booking is confirmed. Of many people at once, as many get
/// it as there are uses left.
#[utoipa::path(post, path = "/promos/redeem", tag = "money", params(Key), request_body = UseCode,
    responses((status = 201, body = Data<Redemption>)))]
pub async fn redeem(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    Json(ask): Json<UseCode>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::Book).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, Some(&key)).await? {
        return Ok(earlier);
    }
    let booking = ask.booking_id.map(BookingId);
    let used = promotions::redeem(&mut tx, caller.user(), &ask.code, booking).await?;
    let reply = Reply::created("/api/v1/promos/redemptions".to_owned(), Redemption::from(used));
    Ok(reply.commit(tx, Some(&key)).await?)
}
