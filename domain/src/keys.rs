//! The keys of this installation: sealing data at rest (W6, CX40) and signing codes people show (G39, L22).
//! A rule receives them through `Tx`; it never reads the environment.

use crate::error::{Fault, Result};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit, Nonce,
    aead::{Aead, Generate, Payload},
};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// Secrets of this installation. Debug output never shows them.
pub struct Keys {
    /// The first seals; each opens what it sealed when it was the first.
    seals: Vec<ChaCha20Poly1305>,
    codes: Vec<u8>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}

impl Keys {
    /// `data` seals columns: the current key, then those that were current before and still open what they sealed. `codes`
    /// signs check-in codes and one-time codes.
    #[must_use]
    pub fn new(data: &[[u8; 32]], codes: &[u8]) -> Self {
        Self { seals: data.iter().map(|key| ChaCha20Poly1305::new(key.into())).collect(), codes: codes.to_vec() }
    }

    /// Seals `plain` for `purpose`; what is sealed for one purpose does not open for another.
    ///
    /// # Errors
    /// A fault without a key, or when the cipher refuses (a message beyond its limits).
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        let nonce = Nonce::try_generate().map_err(|e| Fault::corrupt("nonce", e))?;
        let sealed = self
            .seals
            .first()
            .ok_or_else(|| Fault::corrupt("seal", "no key"))?
            .encrypt(&nonce, Payload { msg: plain, aad: purpose.as_bytes() })
            .map_err(|e| Fault::corrupt("seal", e))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`Keys::seal`] sealed for the same purpose.
    ///
    /// # Errors
    /// A fault when the bytes were altered, sealed with a key that is not among ours, or for another purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        let (nonce, body) = sealed.split_at_checked(12).ok_or_else(|| Fault::corrupt("seal", "too short"))?;
        let nonce = nonce.try_into().map_err(|_| Fault::corrupt("seal", "too short"))?;
        let opened = self.seals.iter().find_map(|key| {
            let sealed = Payload { msg: body, aad: purpose.as_bytes() };
            key.decrypt(&nonce, sealed).ok()
        });
        opened.ok_or_else(|| Fault::corrupt("seal", "does not open"))
    }

    /// A MAC over `parts` under `label`. Parts are length-prefixed, so that no two lists share a MAC.
    #[must_use]
    pub fn mac(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.codes).expect("HMAC takes a key of any length");
        for part in [label.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// A six-digit code that only this installation can derive, e.g. from an id.
    #[must_use]
    pub fn six_digits(&self, label: &str, parts: &[&[u8]]) -> String {
        let mac = self.mac(label, parts);
        let number = u64::from_be_bytes(mac[..8].try_into().expect("a MAC has 32 bytes"));
        format!("{:06}", number % 1_000_000)
    }
}

/// SHA-256, for secrets we only need to recognise (refresh tokens, request bodies).
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_opens_only_for_its_purpose_and_unaltered() {
        let keys = Keys::new(&[[7; 32]], b"codes");
        let sealed = keys.seal("event", b"body").unwrap();
        assert_eq!(keys.open("event", &sealed).unwrap(), b"body");
        assert!(keys.open("kyc", &sealed).is_err());
        let mut altered = sealed.clone();
        *altered.last_mut().unwrap() ^= 1;
        assert!(keys.open("event", &altered).is_err());
        assert!(keys.open("event", b"short").is_err());
        assert_ne!(sealed, keys.seal("event", b"body").unwrap(), "nonces differ");
    }

    #[test]
    fn what_an_older_key_sealed_opens_as_long_as_it_is_there() {
        let (old, new) = ([7; 32], [8; 32]);
        let sealed = Keys::new(&[old], b"codes").seal("event", b"body").unwrap();
        let both = Keys::new(&[new, old], b"codes");
        assert_eq!(both.open("event", &sealed).unwrap(), b"body");
        assert!(Keys::new(&[new], b"codes").open("event", &sealed).is_err());
        let later = both.seal("event", b"body").unwrap();
        assert!(Keys::new(&[old], b"codes").open("event", &later).is_err(), "the first one seals");
        assert!(Keys::new(&[], b"codes").seal("event", b"body").is_err());
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let keys = Keys::new(&[[7; 32]], b"codes");
        assert_ne!(keys.mac("l", &[b"ab", b"c"]), keys.mac("l", &[b"a", b"bc"]));
    }
}
