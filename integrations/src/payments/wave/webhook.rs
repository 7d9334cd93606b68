//! Wave's webhooks: is it Wave, is it fresh, and what does it say (REQUIREMENTS A6, J9, J10, CX45; PROVIDERS §1.7).

use super::wire::{CheckoutStatus, Event, PaymentStatus, Session};
pub use crate::payments::webhook::{Freshness, Malformed, TOLERANCE_SECONDS, WebhookRefused};
use crate::{
    payments::webhook::{self as signed, only},
    secret::Secret,
    signing::{self, Scheme},
};
use domain::payments::provider::{News, ProviderEvent};
use http::{HeaderMap, header::AUTHORIZATION};

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "wave-signature";

/// How an account's webhook proves itself; chosen when the webhook is made in Wave's portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// `Wave-Signature` over timestamp and body. The one to use.
    #[default]
    Signing,
    /// The secret itself as a bearer token: proves the sender, not the body or the time.
    Shared,
}

/// Is this body from Wave? `secrets` holds the current one and, during a rotation, the older ones.
///
/// # Errors
/// [`WebhookRefused`] when the header is missing, doubled or malformed, or no secret made any of its MACs.
pub fn verify(
    strategy: Strategy,
    secrets: &[Secret],
    headers: &HeaderMap,
    body: &[u8],
    now_unix: i64,
) -> Result<Freshness, WebhookRefused> {
    match strategy {
        Strategy::Shared => verify_bearer(secrets, headers),
        Strategy::Signing => signed::verify(Scheme::Wave, SIGNATURE_HEADER, secrets, headers, body, now_unix),
    }
}

fn verify_bearer(secrets: &[Secret], headers: &HeaderMap) -> Result<Freshness, WebhookRefused> {
    let (scheme, token) =
        only(headers, AUTHORIZATION.as_str()).and_then(|value| value.split_once(' ')).ok_or(WebhookRefused)?;
    let known = secrets.iter().fold(false, |known, secret| signing::same_secret(token, secret) | known);
    if scheme.eq_ignore_ascii_case("bearer") && known { Ok(Freshness::Fresh) } else { Err(WebhookRefused) }
}

/// Reads a verified body into our words.
///
/// An unknown type, and a known one whose inside cannot be read, is [`News::Other`]: kept as evidence, without effect;
/// the status poll decides.
///
/// # Errors
/// [`Malformed`] when it is not JSON with `id` and `type`.
pub fn read(body: &[u8]) -> Result<ProviderEvent, Malformed> {
    let event: Event<Option<serde_json::Value>> = serde_json::from_slice(body).map_err(|_| Malformed)?;
    if event.id.is_empty() || event.kind.is_empty() {
        return Err(Malformed);
    }
    let news = match event.kind.as_str() {
        "checkout.session.completed" | "checkout.session.payment_failed" => news_of_session(&event.kind, event.data)
            .unwrap_or_else(|| {
                tracing::warn!(kind = %event.kind, "a signed checkout event says something we cannot read");
                News::Other
            }),
        _ => News::Other,
    };
    Ok(ProviderEvent { key: event.id, kind: event.kind, live: None, news })
}

/// `None` when the session is unreadable, or `completed` does not also say complete and succeeded.
fn news_of_session(kind: &str, data: Option<serde_json::Value>) -> Option<News> {
    let session: Session = serde_json::from_value(data?).ok()?;
    let paid =
        (session.checkout_status, session.payment_status) == (CheckoutStatus::Complete, PaymentStatus::Succeeded);
    let checkout = session.into_checkout()?;
    if kind == "checkout.session.payment_failed" {
        // The status inside varies between documents: one failed attempt is a note, whatever it says.
        return Some(News::AttemptFailed(checkout));
    }
    paid.then_some(News::CheckoutPaid(checkout))
}

/// The `Wave-Signature` value for `body` sent at `t`: for the sandbox, load generators and request signing.
#[must_use]
pub fn sign(secret: &Secret, t: i64, body: &[u8]) -> String {
    Scheme::Wave.header(secret, t, body)
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
