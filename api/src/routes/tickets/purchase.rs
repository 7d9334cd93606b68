//! `POST /ticket-purchases` (K20, CX54).

use crate::{
    App,
    caller::Caller,
    conditions::{IdempotencyKey, Prefer},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::{Key, Wait},
    routes::{
        operations::OperationView,
        payments::{Order, Payment, pay_for},
    },
};
use axum::extract::State;
use domain::{ids::TicketOfferId, payments::Due};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which pack, and how it is paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuyTickets {
    /// A pack that is sold.
    ticket_offer_id: Uuid,
    /// As for `POST /payments`; `wallet` pays at once from mine.
    #[schema(example = "wave")]
    method: String,
    /// The wallet that is asked, E.164, for `mtn`.
    payer_phone: Option<String>,
    /// Where the payer's browser goes afterwards; https, at most 500 characters.
    #[schema(example = "https://app.example.org/paid")]
    return_url: Option<String>,
}

/// Buy tickets
///
/// As `POST /payments` does for a booking: the same answers, the same waiting, once per key. The tickets are in my wallet
/// when the money is paid: `GET /wallet?currency=TKT`.
#[utoipa::path(post, path = "/ticket-purchases", tag = "money", params(Key, Wait), request_body = BuyTickets,
    responses((status = 201, body = Data<Payment>), (status = 202, body = Data<OperationView>)))]
pub async fn purchase(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    prefer: Prefer,
    Json(ask): Json<BuyTickets>,
) -> ApiResult<Reply> {
    let due = Due::Tickets(TicketOfferId(ask.ticket_offer_id));
    let BuyTickets { method, payer_phone, return_url, .. } = ask;
    pay_for(&app, &caller, &key, prefer, Order { due, method, payer_phone, return_url }).await
}
