//! The address an unsigned callback comes to (PROVIDERS §9.1): a token in it says that we made it, for this payment. It
//! admits a call and proves nothing else: addresses lie in other people's logs.

use crate::secret::Secret;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{ids::PaymentId, money::Money};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// How long callbacks of a payment are let in: as long as it may reasonably settle.
const LIFE: TimeDelta = TimeDelta::hours(72);

/// What an address is made of.
#[derive(Debug, Clone, Copy)]
pub struct Callback<'a> {
    /// Who may call, e.g. `mtn`.
    pub provider: &'a str,
    /// About which payment.
    pub payment: PaymentId,
    /// What is paid.
    pub price: Money,
    /// When the payment was opened.
    pub opened_at: DateTime<Utc>,
}

impl Callback<'_> {
    /// Whether it is too late for a callback of this payment.
    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.opened_at + LIFE < now
    }
}

/// The keys of this installation: the first makes addresses, all admit.
#[derive(Debug, Clone, Default)]
pub struct CallbackKeys(Vec<(String, Secret)>);

impl CallbackKeys {
    /// Each key is called by the beginning of its digest, so that an address remembers which one made it.
    #[must_use]
    pub fn new(keys: Vec<Secret>) -> Self {
        let named = |key: Secret| (hex::encode(&Sha256::digest(key.expose().as_bytes())[..4]), key);
        Self(keys.into_iter().filter(|key| !key.is_empty()).map(named).collect())
    }

    /// Whether this token was made for this payment by any of the keys. Every key is tried, in constant time.
    #[must_use]
    pub fn admit(&self, callback: &Callback<'_>, given: &str) -> bool {
        let tried = self.0.iter().map(|(kid, key)| token(key, kid, callback));
        tried.fold(Choice::from(0), |known, token| known | token.as_bytes().ct_eq(given.as_bytes())).into()
    }
}

/// Where callbacks come to, and what makes their addresses.
#[derive(Debug, Clone)]
pub struct Callbacks {
    /// How providers reach us, e.g. `https://api.example.org`.
    pub base_url: String,
    /// The keys.
    pub keys: CallbackKeys,
}

impl Callbacks {
    /// The address for one payment; `None` without a key: then only polls learn of it. About 80 characters and the host:
    /// Orange takes 120.
    #[must_use]
    pub fn address(&self, callback: &Callback<'_>) -> Option<String> {
        let (kid, key) = self.keys.0.first()?;
        let (base, token) = (self.base_url.trim_end_matches('/'), token(key, kid, callback));
        Some(format!("{base}/wh/{}/{}/{token}", callback.provider, callback.payment))
    }
}

fn token(key: &Secret, kid: &str, callback: &Callback<'_>) -> String {
    let Callback { provider, payment, price, opened_at } = callback;
    let expiry = (*opened_at + LIFE).timestamp();
    signed(key, &format!("cb1\n{kid}\n{provider}\n{payment}\n{}\n{}\n{expiry}", price.amount, price.currency))
}

/// The first 16 bytes of the MAC, in URL-safe base64 without padding: 22 characters.
fn signed(key: &Secret, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..16])
}

/// The word a notification must repeat, as it is kept and compared: its SHA-256.
#[must_use]
pub fn digest(word: &str) -> [u8; 32] {
    Sha256::digest(word.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::Currency;

    fn callback(amount: i64) -> Callback<'static> {
        let price = Money { amount, currency: Currency::Xof };
        let payment = "5b0c5f3e-6d0b-4a52-9d0e-0f6f6f1f0001".parse().unwrap();
        Callback { provider: "mtn", payment, price, opened_at: DateTime::UNIX_EPOCH }
    }

    fn keys(keys: &[&str]) -> CallbackKeys {
        CallbackKeys::new(keys.iter().map(|&key| key.into()).collect())
    }

    fn token_of(keys: CallbackKeys, callback: &Callback<'_>) -> String {
        let address = Callbacks { base_url: "https://api.test/".into(), keys }.address(callback).unwrap();
        assert!(address.starts_with("https://api.test/wh/mtn/5b0c5f3e-6d0b-4a52-9d0e-0f6f6f1f0001/"), "{address}");
        address.rsplit_once('/').unwrap().1.to_owned()
    }

    #[test]
    fn the_vector_of_the_paper_comes_out() {
        let key = "local-callback-key-0123456789abcdef".into();
        assert_eq!(signed(&key, "cb1\nk1\nmtn\natt_0001\n2500\nXOF\n1760003600"), "x6kFeq2zV1b5Zv7nqVMHpQ");
    }

    #[test]
    fn a_token_admits_its_own_payment_only() {
        let token = token_of(keys(&["new", "old"]), &callback(2_500));
        assert_eq!(token.len(), 22);
        assert!(keys(&["new", "old"]).admit(&callback(2_500), &token));
        assert!(!keys(&["new"]).admit(&callback(2_501), &token), "another amount");
        assert!(!keys(&["new"]).admit(&Callback { provider: "orange", ..callback(2_500) }, &token), "another provider");
        let later = DateTime::UNIX_EPOCH + TimeDelta::seconds(1);
        assert!(!keys(&["new"]).admit(&Callback { opened_at: later, ..callback(2_500) }, &token), "another time");
        assert!(!keys(&["other"]).admit(&callback(2_500), &token), "another key");
        for wrong in ["", &token[..21], &token.to_lowercase(), &format!("{token}=")] {
            assert!(!keys(&["new"]).admit(&callback(2_500), wrong), "{wrong}");
        }
    }

    #[test]
    fn a_key_that_is_rotated_out_still_admits_and_an_empty_one_never() {
        let token = token_of(keys(&["old"]), &callback(2_500));
        assert!(keys(&["new", "old"]).admit(&callback(2_500), &token));
        assert!(!keys(&["new"]).admit(&callback(2_500), &token));
        let empty = Callbacks { base_url: "https://api.test".into(), keys: keys(&[""]) };
        assert!(empty.address(&callback(2_500)).is_none());
    }

    #[test]
    fn it_ends() {
        assert!(!callback(1).is_over(DateTime::UNIX_EPOCH + TimeDelta::hours(72)));
        assert!(callback(1).is_over(DateTime::UNIX_EPOCH + TimeDelta::hours(73)));
    }
}
