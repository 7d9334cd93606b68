//! `GET /payments/{id}` (J12).

use super::view::Payment;
use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
};
use axum::extract::State;
use domain::{ids::PaymentId, payments, permissions::Permission, refusals::Refusal};

/// One payment
///
/// For who pays or is paid, and for who may see any payment.
#[utoipa::path(get, path = "/payments/{id}", tag = "money",
    params(("id" = Uuid, Path, description = "The payment")), responses((status = 200, body = Data<Payment>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<PaymentId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let payment = payments::find(&mut tx, id).await?;
    if payment.user != Some(caller.user()) && !caller.may(Permission::PaymentRead) {
        return Err(Refusal::NotFound.into());
    }
    let (version, standing) = (payment.version, payments::standing(&mut tx, &payment).await?);
    Ok(Reply::ok(Payment::from(payment).standing(standing)).version(version))
}
