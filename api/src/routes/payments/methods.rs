//! `GET /payment-methods` (SN39, J2).

use crate::{
    App,
    caller::Caller,
    envelope::{List, Reply},
    error::ApiResult,
};
use axum::extract::State;
use domain::payments;
use serde::Serialize;
use utoipa::ToSchema;

/// A way to pay.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentMethod {
    /// What `POST /payments` takes.
    #[schema(example = "mtn")]
    method: String,
    /// In which currency.
    #[schema(example = "XOF")]
    currency: &'static str,
    /// `up`; `degraded`: it may take longer, or fail; `down`: it is not offered now.
    #[schema(example = "up")]
    state: &'static str,
    /// `live`, or `test`: no money moves.
    #[schema(example = "live")]
    mode: String,
    /// Whether the payer is asked on the phone, and `payer_phone` may name which.
    asks_on_the_phone: bool,
}

/// Ways to pay here
///
/// With how each provider answers now, as our own calls to it found: show one that is down as such before somebody tries.
#[utoipa::path(get, path = "/payment-methods", tag = "money", responses((status = 200, body = List<PaymentMethod>)))]
pub async fn methods(State(app): State<App>, caller: Caller) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let methods = payments::methods(&mut tx).await?;
    Ok(Reply::ok(methods.into_iter().map(PaymentMethod::from).collect::<Vec<_>>()))
}

impl From<payments::Method> for PaymentMethod {
    fn from(found: payments::Method) -> Self {
        let payments::Method { method, currency, state, mode } = found;
        let asks_on_the_phone = payments::asks_on_the_phone(&method);
        Self { method, currency: currency.code(), state: state.code(), mode, asks_on_the_phone }
    }
}
