//! `POST /v1/checkout/sessions` (PROVIDERS §1.3).

use super::CURRENCY;
use super::error::{WaveError, e164, francs, no_longer, read};
use super::fees::amount;
use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use crate::store::Checkout;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, Uri};
use chrono::TimeDelta;
use integrations::payments::wave::wire::{CheckoutRequest, CheckoutStatus, PaymentStatus, Session};

/// A new session each time: whether Wave honours an idempotency key here is not known, so the worse is played.
pub(super) async fn create(
    State(sandbox): State<Sandbox>,
    Extension(faults): Extension<Faults>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Session>, WaveError> {
    let (value, request): (_, CheckoutRequest) = read(&headers, &body)?;
    let francs = francs(&value, "amount")?;
    check(&request)?;
    let checkout = opened(&sandbox, request, francs);
    let session = checkout.session.clone();
    sandbox.state().write(|books| books.checkouts.put(checkout));
    if Faults::on(faults.early) {
        sandbox.pay_early(&session.id).await;
    }
    Ok(Json(session))
}

fn check(request: &CheckoutRequest) -> Result<(), WaveError> {
    if request.currency != CURRENCY {
        return Err(WaveError::field(&["currency"], "must be the wallet's currency"));
    }
    no_longer("client_reference", request.client_reference.as_deref(), 255)?;
    for (field, url) in [("success_url", &request.success_url), ("error_url", &request.error_url)] {
        let parsed = url.parse::<Uri>().ok();
        // Wave wants https; a developer's machine has none.
        if !parsed.is_some_and(|url| matches!(url.scheme_str(), Some("https" | "http")) && url.host().is_some()) {
            return Err(WaveError::field(&[field], "must be an https address"));
        }
    }
    request.restrict_payer_mobile.as_deref().map_or(Ok(()), |number| e164("restrict_payer_mobile", number))
}

fn opened(sandbox: &Sandbox, request: CheckoutRequest, francs: i64) -> Checkout {
    let (id, now) = (sandbox.next_id("cos-"), sandbox.wire_now());
    let life = TimeDelta::seconds(sandbox.knobs().tuning().session_seconds);
    let session = Session {
        amount: amount(francs),
        currency: request.currency,
        client_reference: request.client_reference,
        business_name: Some(sandbox.settings().business_name.clone()),
        checkout_status: CheckoutStatus::Open,
        payment_status: PaymentStatus::Processing,
        transaction_id: None,
        last_payment_error: None,
        aggregated_merchant_id: None,
        success_url: Some(request.success_url),
        error_url: Some(request.error_url),
        wave_launch_url: Some(format!("{}/c/{id}", sandbox.public_url())),
        when_created: Some(now),
        when_expires: Some(now + life),
        when_completed: None,
        id,
    };
    Checkout {
        session,
        reserved_transaction_id: sandbox.next_id("T"),
        restrict_payer_mobile: request.restrict_payer_mobile,
        paid_by: None,
        refunded: false,
    }
}
