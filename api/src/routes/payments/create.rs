//! `POST /payments` (J4, CX15; MODEL, "Shape of a submission").

use super::{
    view::Payment,
    wait::{Progress, until_ready},
};
use crate::{
    App,
    caller::Caller,
    conditions::{IdempotencyKey, Prefer},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::{Key, Wait},
    routes::operations::OperationView,
};
use axum::extract::State;
use domain::{
    bookings::Authority,
    error::{Fault, Result},
    ids::OperationId,
    payments::{self, Due, NewPayment},
    permissions::Permission,
    refusals::Refusal,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// How long a client that says nothing about waiting is kept, in seconds: a checkout is usually open by then.
const ORDINARY_WAIT: u64 = 2;

/// Where a payer's browser returns to when the client names no place.
const RETURN_PATH: &str = "/api/v1/payments/return";

/// Something to pay, and how.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pay {
    /// An accepted booking of mine.
    booking_id: Uuid,
    /// `wave`, `orange`, `mtn`, `card` or `sonatel`, where the organization has it; `wallet` pays at once from mine.
    #[schema(example = "wave")]
    method: String,
    /// The wallet that is asked, E.164, for `mtn`; absent: the number I signed up with.
    payer_phone: Option<String>,
    /// Where the payer's browser goes afterwards; https, at most 500 characters.
    #[schema(example = "https://app.example.org/paid")]
    return_url: Option<String>,
}

/// Pay for my booking
///
/// Waits two seconds, or as long as `Prefer: wait=n` says, for the provider's checkout. 201: the payment, whose
/// `next_action` tells where to pay. 202: it takes longer; ask for the operation at `Location`. 402: the provider
/// refused. The same key answers with the same payment as it stands by then. Only the provider's word, never the
/// return of the payer's browser, makes a booking paid. From my wallet it is paid in this request: 402 when it does not
/// cover it.
#[utoipa::path(post, path = "/payments", tag = "money", params(Key, Wait), request_body = Pay,
    responses((status = 201, body = Data<Payment>), (status = 202, body = Data<OperationView>)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    prefer: Prefer,
    Json(ask): Json<Pay>,
) -> ApiResult<Reply> {
    let due = Due::Booking(ask.booking_id.into());
    let Pay { method, payer_phone, return_url, .. } = ask;
    pay_for(&app, &caller, &key, prefer, Order { due, method, payer_phone, return_url }).await
}

/// What is paid, and how, whichever route says so.
pub struct Order {
    /// What for.
    pub due: Due,
    /// One of [`payments::METHODS`].
    pub method: String,
    /// The wallet that is asked.
    pub payer_phone: Option<String>,
    /// Where the payer's browser goes afterwards.
    pub return_url: Option<String>,
}

/// Opens a payment once per key, and waits until there is something to tell the payer.
pub async fn pay_for(
    app: &App,
    caller: &Caller,
    key: &IdempotencyKey,
    prefer: Prefer,
    order: Order,
) -> ApiResult<Reply> {
    caller.require(Permission::Book)?;
    let operation = open(app, caller, key, order).await?;
    let progress = until_ready(app, caller, operation, prefer.wait.unwrap_or(ORDINARY_WAIT)).await?;
    Ok(answer(progress)?.waited(prefer.wait))
}

/// Commits the payment, its operation and the job that calls the provider; or finds them, if this key did so before.
async fn open(app: &App, caller: &Caller, key: &IdempotencyKey, order: Order) -> Result<OperationId> {
    let mut tx = caller.begin(app).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, Some(key)).await? {
        let operation = earlier.operation_id();
        return operation.ok_or_else(|| Fault::corrupt("idempotency_keys", "a payment without operation").into());
    }
    let new = NewPayment {
        due: order.due,
        method: order.method,
        payer_phone: order.payer_phone,
        return_url: order.return_url.unwrap_or_else(|| format!("{}{RETURN_PATH}", app.config.public_url)),
    };
    let (payment, operation) = payments::open(&mut tx, Authority::Own(caller.user()), new).await?;
    let kept = Reply::accepted(operation, json!({ "payment_id": payment.id }));
    let _ = kept.commit(tx, Some(key)).await?; // what is answered is how things stand after the wait
    Ok(operation)
}

fn answer(Progress { payment, operation }: Progress) -> Result<Reply, Refusal> {
    if payment.status == "failed" {
        return Err(Refusal::PaymentFailed { provider_code: payment.failure_code.unwrap_or_default() });
    }
    if payment.next_action.is_none() && !operation.is_final() {
        return Ok(Reply::accepted(operation.id, OperationView::from(operation)));
    }
    let (id, version) = (payment.id, payment.version);
    let reply = Reply::created(format!("/api/v1/payments/{id}"), Payment::from(payment)).version(version);
    Ok(reply.operation(operation.id))
}
