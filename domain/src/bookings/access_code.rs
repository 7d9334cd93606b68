//! What a person shows to get on, to check in or to pick up (G39, G41, SN18): a signed token for a QR code, checkable
//! without a network by whoever holds the key, and six digits to say aloud. Both are derived, not stored; both die with
//! the booking's times.

use super::Booking;
use crate::{inventory::Kind, keys::Keys};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use subtle::ConstantTimeEq;

/// The two forms of a booking's check-in code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessCode {
    /// 54 characters for a QR code: booking, validity and a 128-bit MAC.
    pub token: String,
    /// Six digits; at most five wrong tries.
    pub digits: String,
    /// First instant at which it opens.
    pub opens_at: DateTime<Utc>,
    /// First instant at which it no longer does.
    pub closes_at: DateTime<Utc>,
}

impl AccessCode {
    /// The code of this booking, at its present times.
    #[must_use]
    pub fn of(keys: &Keys, booking: &Booking) -> Self {
        let window = booking.policy.check_in;
        let opens_at = booking.start_at - TimeDelta::minutes(i64::from(window.opens_minutes_before));
        let closes_at = match booking.kind {
            Kind::Trip => booking.start_at + TimeDelta::minutes(i64::from(window.closes_minutes_after)),
            _ => booking.release_at.unwrap_or(booking.end_at), // nobody else may have it before
        };
        let mut content = booking.id.0.as_bytes().to_vec();
        content.extend(seconds(opens_at));
        content.extend(seconds(closes_at));
        let mac = keys.mac("check-in token", &[&content]);
        let digits = keys.six_digits("check-in digits", &[&content]);
        content.extend(&mac[..16]);
        Self { token: URL_SAFE_NO_PAD.encode(content), digits, opens_at, closes_at }
    }

    /// Whether `shown` is one of the two forms, in constant time.
    #[must_use]
    pub fn matches(&self, shown: &str) -> bool {
        let token = self.token.as_bytes().ct_eq(shown.as_bytes());
        let digits = self.digits.as_bytes().ct_eq(shown.as_bytes());
        bool::from(token | digits)
    }
}

/// Seconds since 1970 in four bytes: enough until 2106.
fn seconds(at: DateTime<Utc>) -> [u8; 4] {
    u32::try_from(at.timestamp()).unwrap_or(u32::MAX).to_be_bytes()
}
