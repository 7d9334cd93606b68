//! What every signed webhook has in common: whether it is authentic, and how far it may be believed.

use crate::{
    secret::Secret,
    signing::{Scheme, SignatureHeader},
};
use http::HeaderMap;

/// How far `t` may be from our clock, in seconds, either way.
pub const TOLERANCE_SECONDS: u64 = 300;

/// How far an authentic event may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Its body may be settled from.
    Fresh,
    /// Truly signed, but too long ago or ahead: a replay, or a retry that kept its `t`. Ask the provider, do not settle.
    Stale,
}

/// Not from the provider, as far as we can tell. One reason only: a stranger learns nothing from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the webhook is not authentic")]
pub struct WebhookRefused;

/// Authentic, but not an event: the envelope cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the webhook is not an event")]
pub struct Malformed;

/// Is this body signed in this header by any of these secrets? Over the raw bytes, before any parsing.
///
/// # Errors
/// [`WebhookRefused`] when the header is missing, doubled or malformed, or no secret made any of its MACs.
pub(super) fn verify(
    scheme: Scheme,
    header: &str,
    secrets: &[Secret],
    headers: &HeaderMap,
    body: &[u8],
    now_unix: i64,
) -> Result<Freshness, WebhookRefused> {
    let header = only(headers, header).and_then(SignatureHeader::parse).ok_or(WebhookRefused)?;
    if !header.signed_by_any(scheme, secrets, body) {
        return Err(WebhookRefused);
    }
    let fresh = header.unix.abs_diff(now_unix) <= TOLERANCE_SECONDS;
    Ok(if fresh { Freshness::Fresh } else { Freshness::Stale })
}

/// The header's value when it stands there exactly once; a second one could be read differently by somebody between.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}
