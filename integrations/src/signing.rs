//! HMAC-SHA256 over a timestamp and a raw body. Four schemes differ only in separator, encoding and key bytes;
//! that is where invented implementations go wrong, so the differences live in this one file (PROVIDERS §0.1).

use crate::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Which provider's way of joining timestamp and body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `{t}{body}`: nothing between.
    Wave,
    /// `{t}.{body}`.
    Stripe,
    /// `{t},{body}`.
    Sonatel,
}

impl Scheme {
    /// What stands between timestamp and body.
    fn separator(self) -> &'static [u8] {
        match self {
            Self::Wave => b"",
            Self::Stripe => b".",
            Self::Sonatel => b",",
        }
    }

    /// The MAC of `body` sent at `t`, as 32 raw bytes. The key is the whole secret string, prefix included.
    #[must_use]
    pub fn mac(self, secret: &Secret, t: &str, body: &[u8]) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes a key of any length");
        mac.update(t.as_bytes());
        mac.update(self.separator());
        mac.update(body);
        mac.finalize().into_bytes().into()
    }

    /// The header value `t=<unix>,v1=<hex>` for `body` sent at `t`.
    #[must_use]
    pub fn header(self, secret: &Secret, t: i64, body: &[u8]) -> String {
        let mac = self.mac(secret, &t.to_string(), body);
        format!("t={t},v1={}", hex::encode(mac))
    }
}

/// A `t=…,v1=…[,v1=…]` header, taken apart. Unknown parts are ignored.
#[derive(Debug)]
pub struct SignatureHeader<'a> {
    /// The timestamp as written: exactly these bytes were signed.
    pub t: &'a str,
    /// The same as a number of unix seconds.
    pub unix: i64,
    /// The MACs offered, at most [`MOST_SIGNATURES`]; those that are not 32 bytes of hex are dropped.
    pub macs: Vec<[u8; 32]>,
}

/// How many `v1` entries are looked at: enough for a rotation, too few to make us work for a stranger.
pub const MOST_SIGNATURES: usize = 8;

impl<'a> SignatureHeader<'a> {
    /// Reads the header value; `None` without exactly one plain `t` and at least one readable `v1`.
    #[must_use]
    pub fn parse(value: &'a str) -> Option<Self> {
        let mut t = None;
        let mut offered = Vec::new();
        for part in value.split(',') {
            match part.trim().split_once('=') {
                Some(("t", text)) if t.replace(text).is_some() => return None,
                Some(("v1", text)) => offered.push(text),
                _ => {}
            }
        }
        let t = t.filter(|t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()))?;
        let macs: Vec<[u8; 32]> = offered.into_iter().take(MOST_SIGNATURES).filter_map(mac_from_hex).collect();
        (!macs.is_empty()).then_some(Self { t, unix: t.parse().ok()?, macs })
    }

    /// Whether any offered MAC is the one of any secret. Every pair is compared, in constant time, over raw bytes.
    /// An empty secret matches nothing: everybody knows it.
    #[must_use]
    pub fn signed_by_any(&self, scheme: Scheme, secrets: &[Secret], body: &[u8]) -> bool {
        let mut matched = subtle::Choice::from(0);
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            let expected = scheme.mac(secret, self.t, body);
            for mac in &self.macs {
                matched |= expected.ct_eq(mac);
            }
        }
        matched.into()
    }
}

fn mac_from_hex(text: &str) -> Option<[u8; 32]> {
    let mut mac = [0; 32];
    hex::decode_to_slice(text, &mut mac).ok()?;
    Some(mac)
}

/// Compares two secrets in constant time. Their lengths may show; an empty one equals nothing.
#[must_use]
pub fn same_secret(given: &str, expected: &Secret) -> bool {
    !expected.is_empty() && given.as_bytes().ct_eq(expected.expose().as_bytes()).into()
}
