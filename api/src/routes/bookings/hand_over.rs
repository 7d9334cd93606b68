//! `POST /bookings/{id}/hand-over` and `…/return` (SN6, G54).

use super::{
    step::{ANYBODY, LENDERS, Step, Taken, ground},
    view::{Booking, shown},
};
use crate::{
    App,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::MaybeKey,
    routes::shared::MaybeVersion,
};
use axum::extract::State;
use domain::{
    bookings::{self, CheckIn, Handed, Proof},
    ids::UnitId,
    inventory::Condition,
    refusals::Refusal,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What changes hands, and how it looks.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// The QR code's text or the six digits the borrower shows; staff who know the person may leave it out.
    #[schema(example = "123456")]
    code: Option<String>,
    /// Remarks on single units; every unit is handed over.
    #[serde(default)]
    items: Vec<HandedItem>,
}

/// What comes back, and how it looks.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = TakeBack)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// The units that come back; all of them when left out.
    #[serde(default)]
    items: Vec<HandedItem>,
}

/// One unit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandedItem {
    /// A unit of the booking.
    #[schema(example = "0b9f3c4e-7d55-4d7c-9a63-5a1c9d1f2e30")]
    unit_id: Uuid,
    /// `new`, `good`, `worn` or `damaged`.
    #[schema(value_type = Option<String>, example = "good")]
    condition: Option<Condition>,
    /// At most 1000 characters.
    #[schema(example = "A scratch on the lens")]
    remark: Option<String>,
}

fn seen(items: Vec<HandedItem>) -> Vec<Handed> {
    let one = |item: HandedItem| Handed { unit: UnitId(item.unit_id), condition: item.condition, remark: item.remark };
    items.into_iter().map(one).collect()
}

/// Hand out what is lent
///
/// Around the start of the loan, by whoever may. Five wrong codes; then 429. Handing over twice changes nothing.
#[utoipa::path(post, path = "/bookings/{id}/hand-over", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking"), MaybeVersion),
    request_body = Option<HandOver>, responses((status = 200, body = Data<Booking>)))]
pub async fn hand_over(State(app): State<App>, step: Step, ask: Option<Json<HandOver>>) -> ApiResult<Reply> {
    let ask = ask.map(|Json(ask)| ask).unwrap_or_default();
    // No idempotency key is claimed: the step is one by nature, and a wrong code must be counted every time.
    let (mut tx, by) = ground(&app, &step.caller, &LENDERS, &ANYBODY).await?;
    step.check_version(&mut tx, by).await?;
    let proof = ask.code.map_or(Proof::Seen, |code| Proof::Code(code.trim().to_owned()));
    match bookings::hand_over(&mut tx, by, step.id, &seen(ask.items), proof).await? {
        CheckIn::Done(booking) => {
            let reply = shown(&mut tx, *booking).await?;
            tx.commit().await?;
            Ok(reply)
        }
        CheckIn::WrongCode => {
            // it counts only once it is committed
            tx.commit().await?;
            Err(Refusal::AccessCodeInvalid.into())
        }
    }
}

/// Take back what was lent
///
/// At once or in parts. The last unit ends the loan; being late costs what the policy says.
#[utoipa::path(post, path = "/bookings/{id}/return", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking"), MaybeKey, MaybeVersion),
    request_body = Option<Return>, responses((status = 200, body = Data<Booking>)))]
pub async fn take_back(State(app): State<App>, step: Step, ask: Option<Json<Return>>) -> ApiResult<Reply> {
    let items = ask.map(|Json(ask)| ask.items).unwrap_or_default();
    match step.as_lender(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx, by) => {
            let booking = bookings::take_back(&mut tx, by, step.id, &seen(items)).await?;
            step.finish(tx, booking).await
        }
    }
}
