//! Stripe's webhooks: is it Stripe, is it fresh, and what does it say (J9, J10, CX45; PROVIDERS §4.2).

use super::{
    read as checkout_of,
    wire::{Dispute, Event, Refund, RefundStatus, Session},
};
use crate::{payments::webhook as signed, secret::Secret, signing::Scheme};
use domain::payments::provider::{CheckoutState, News, ProviderEvent};
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
/// ask; everything else is kept as evidence, and the status poll decides.
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
        "refund.failed" | "refund.updated" | "charge.refund.updated" => refund_failed(event.data.object),
        dispute if dispute.starts_with("charge.dispute.") => disputed(event.data.object),
        _ => None,
    };
    Ok(ProviderEvent { key: event.id, kind: event.kind, news: news.unwrap_or(News::Other) })
}

fn paid(object: serde_json::Value) -> Option<News> {
    let session: Session = serde_json::from_value(object).ok()?;
    let checkout = checkout_of(session)?;
    matches!(checkout.state, CheckoutState::Paid { .. }).then_some(News::CheckoutPaid(checkout))
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
