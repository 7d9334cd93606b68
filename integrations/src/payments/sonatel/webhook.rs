//! Sonatel's callbacks: a comma between timestamp and body (PROVIDERS §2B). Whether the signature is always sent is not
//! known, so without it nothing is believed; and whatever it says, the provider is asked.

use super::wire::Transaction;
use crate::{payments::webhook as signed, secret::Secret, signing::Scheme};
use domain::payments::provider::{News, ProviderEvent};
use http::HeaderMap;

pub use crate::payments::webhook::{Freshness, Malformed, WebhookRefused};

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "x-sonatel-signature";

/// Is this body from Sonatel?
///
/// # Errors
/// [`WebhookRefused`] when the header is missing, doubled or malformed, or no secret made any of its MACs.
pub fn verify(
    secrets: &[Secret],
    headers: &HeaderMap,
    body: &[u8],
    now_unix: i64,
) -> Result<Freshness, WebhookRefused> {
    signed::verify(Scheme::Sonatel, SIGNATURE_HEADER, secrets, headers, body, now_unix)
}

/// Reads a verified body: about which payment of ours, so that the provider can be asked.
///
/// # Errors
/// [`Malformed`] when it names neither a transaction nor a reference.
pub fn read(body: &[u8]) -> Result<ProviderEvent, Malformed> {
    let told: Transaction = serde_json::from_slice(body).map_err(|_| Malformed)?;
    let (Some(transaction), Some(reference)) = (told.transaction_id, told.reference) else { return Err(Malformed) };
    let news = reference.parse().map_or(News::Other, |payment| News::Hint { payment });
    Ok(ProviderEvent {
        key: format!("{transaction}/{:?}", told.status),
        kind: "sonatel.callback".into(),
        live: None,
        news,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const SECRET: &str = "om_local_endpoint_secret";
    const T: i64 = 1_760_000_000;
    const BODY: &str = r#"{"reference":"ride_0001","status":"SUCCESS"}"#;
    const MAC: &str = "d4a2459fefafe71e443c0e8fef3d761b2faa7bfad78d25b5eab6c9713df37fee";

    fn check(header: &str, body: &str) -> Result<Freshness, WebhookRefused> {
        let value = HeaderValue::from_str(header).unwrap();
        let headers = HeaderMap::from_iter([(SIGNATURE_HEADER.parse().unwrap(), value)]);
        verify(&[SECRET.into()], &headers, body.as_bytes(), T)
    }

    #[test]
    fn the_vector_verifies_and_its_near_misses_do_not() {
        assert_eq!(Scheme::Sonatel.header(&SECRET.into(), T, BODY.as_bytes()), format!("t={T},v1={MAC}"));
        assert_eq!(check(&format!("t={T},v1={MAC}"), BODY), Ok(Freshness::Fresh));
        for scheme in [Scheme::Wave, Scheme::Stripe] {
            assert_eq!(check(&scheme.header(&SECRET.into(), T, BODY.as_bytes()), BODY), Err(WebhookRefused));
        }
        assert_eq!(check(&format!("t={T},v1={MAC}"), &BODY.replace(':', ": ")), Err(WebhookRefused));
        assert_eq!(check(&format!("t={},v1={MAC}", T + 1), BODY), Err(WebhookRefused));
        assert_eq!(check(&format!("t={T},v1={}", MAC.replace('d', "e")), BODY), Err(WebhookRefused));
    }

    #[test]
    fn it_only_makes_us_ask() {
        let payment = "5b0c5f3e-6d0b-4a52-9d0e-0f6f6f1f0001";
        let told =
            |reference: &str| format!(r#"{{"transactionId":"MP1","reference":"{reference}","status":"SUCCESS"}}"#);
        let event = read(told(payment).as_bytes()).unwrap();
        assert_eq!(event.news, News::Hint { payment: payment.parse().unwrap() });
        assert_eq!(event.key, "MP1/Success");
        assert_eq!(read(told("ride_0001").as_bytes()).unwrap().news, News::Other);
        assert!(read(BODY.as_bytes()).is_err());
    }
}
