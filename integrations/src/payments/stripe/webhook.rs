//! Stripe's webhooks: is it Stripe, is it fresh, and what does it say (J9, J10, CX45; PROVIDERS §4.2).

use super::{
    currency, read as checkout_of,
    wire::{Dispute, Event, Intent, Refund, RefundStatus, Session},
};
use crate::{payments::webhook as signed, secret::Secret, signing::Scheme};
use domain::{
    money::Money,
    payments::provider::{Checkout, CheckoutState, News, ProviderEvent},
};
use http::HeaderMap;

pub use crate::payments::webhook::{Freshness, Malformed, WebhookRefused};

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "stripe-signature";

/// Is this body from Stripe? `secrets` holds the current one and, during a rotation, the older ones.
///
/// # Errors
/// [`WebhookRefused`] when the header is missing, doubled or malformed, or no secret made any of its MACs.
pub fn verify(
    secrets: &[Secret],
    headers: &HeaderMap,
    body: &[u8],
    now_unix: i64,
) -> Result<Freshness, WebhookRefused> {
    signed::verify(Scheme::Stripe, SIGNATURE_HEADER, secrets, headers, body, now_unix)
}

/// Reads a verified body into our words. Only a session that says paid settles; a refund that failed and a dispute make us
/// ask; a card that was refused is a note (L23); everything else is kept as evidence, and the status poll decides.
///
/// # Errors
/// [`Malformed`] when it is not JSON with `id` and `type`.
pub fn read(body: &[u8]) -> Result<ProviderEvent, Malformed> {
    let event: Event = serde_json::from_slice(body).map_err(|_| Malformed)?;
    if event.id.is_empty() || event.kind.is_empty() {
        return Err(Malformed);
    }
    let news = match event.kind.as_str() {
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => paid(event.data.object),
        "payment_intent.payment_failed" => attempt_failed(event.data.object),
        "refund.failed" | "refund.updated" | "charge.refund.updated" => refund_failed(event.data.object),
        dispute if dispute.starts_with("charge.dispute.") => disputed(event.data.object),
        _ => None,
    };
    let (live, news) = (event.livemode, news.unwrap_or(News::Other));
    Ok(ProviderEvent { key: event.id, kind: event.kind, live, news })
}

fn paid(object: serde_json::Value) -> Option<News> {
    let session: Session = serde_json::from_value(object).ok()?;
    let checkout = checkout_of(session)?;
    matches!(checkout.state, CheckoutState::Paid { .. }).then_some(News::CheckoutPaid(checkout))
}

/// A card was refused inside a session, which stays open for another. The intent carries our id; the session it does not.
fn attempt_failed(object: serde_json::Value) -> Option<News> {
    let intent: Intent = serde_json::from_value(object).ok()?;
    let price = Money { amount: intent.amount, currency: currency(&intent.currency)? };
    Some(News::AttemptFailed(Checkout {
        client_reference: Some(intent.metadata.get("payment")?.clone()),
        provider_ref: intent.id,
        price,
        state: CheckoutState::Open,
        launch_url: None,
        expires_at: None,
        callback_digest: None,
    }))
}

/// A refund of ours that ended without sending: perhaps after it had been called sent.
fn refund_failed(object: serde_json::Value) -> Option<News> {
    let refund: Refund = serde_json::from_value(object).ok()?;
    let failed = matches!(refund.status, RefundStatus::Failed | RefundStatus::Canceled);
    let ours = refund.metadata.get("refund").filter(|_| failed)?;
    Some(News::RefundMoved { refund: ours.parse().ok()? })
}

fn disputed(object: serde_json::Value) -> Option<News> {
    let dispute: Dispute = serde_json::from_value(object).ok()?;
    Some(News::Disputed { transaction_ref: dispute.payment_intent? })
}

/// The `Stripe-Signature` value for `body` sent at `t`: for the sandbox.
#[must_use]
pub fn sign(secret: &Secret, t: i64, body: &[u8]) -> String {
    Scheme::Stripe.header(secret, t, body)
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
