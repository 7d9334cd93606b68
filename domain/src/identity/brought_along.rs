//! Passwords that people bring along from the system they had before (C28, CX7): PBKDF2-HMAC-SHA256 with 100 000
//! iterations, kept as `salt$hash`. They are verified here and never made: the next right sign-in replaces one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// As stored in `credentials.algorithm`.
pub(super) const ALGORITHM: &str = "pbkdf2-sha256";
const ITERATIONS: u32 = 100_000;
/// The longest salt taken in, in bytes; theirs have 32.
const LONGEST_SALT: usize = 128;

/// Whether `stored` reads like a hash of theirs: a salt, a `$`, and 64 hexadecimal digits.
#[must_use]
pub fn is_brought_along(stored: &str) -> bool {
    parts(stored).is_some()
}

/// Whether `password` is the one behind `stored`. Slow on purpose, and as slow for a hash nobody can read.
pub(super) fn verify(stored: &str, password: &str) -> bool {
    let (salt, expected) = parts(stored).unwrap_or(("", [0; 32]));
    let derived = derive(password.as_bytes(), salt.as_bytes(), ITERATIONS);
    bool::from(derived.ct_eq(&expected)) && !salt.is_empty()
}

/// The salt goes into the derivation as it is written, in hexadecimal digits, not as the bytes they spell.
fn parts(stored: &str) -> Option<(&str, [u8; 32])> {
    let (salt, hash) = stored.split_once('$')?;
    let printable = salt.bytes().all(|byte| byte.is_ascii_graphic());
    let hash = hex::decode(hash).ok()?.try_into().ok()?;
    ((1..=LONGEST_SALT).contains(&salt.len()) && printable).then_some((salt, hash))
}

/// PBKDF2 (RFC 8018 §5.2) for exactly one block, which is all a hash of 32 bytes needs.
fn derive(password: &[u8], salt: &[u8], iterations: u32) -> [u8; 32] {
    let keyed = Hmac::<Sha256>::new_from_slice(password).expect("HMAC takes a key of any length");
    let mut block: [u8; 32] =
        keyed.clone().chain_update(salt).chain_update(1_u32.to_be_bytes()).finalize().into_bytes().into();
    let mut derived = block;
    for _ in 1..iterations {
        block = keyed.clone().chain_update(block).finalize().into_bytes().into();
        derived.iter_mut().zip(block).for_each(|(sum, byte)| *sum ^= byte);
    }
    derived
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_derivation_is_the_published_one() {
        // RFC 7914 §11, the first 32 bytes; and the vectors of RFC 6070 as everybody recomputed them for SHA-256
        for (password, salt, iterations, expected) in [
            ("passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"),
            ("password", "salt", 2, "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43"),
            ("password", "salt", 4_096, "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"),
        ] {
            assert_eq!(hex::encode(derive(password.as_bytes(), salt.as_bytes(), iterations)), expected);
        }
    }

    #[test]
    fn a_hash_made_by_the_old_system_opens_for_its_password_alone() {
        // hashlib.pbkdf2_hmac('sha256', b'motdepasse123', b'00112233445566778899aabbccddeeff', 100000)
        let stored =
            "00112233445566778899aabbccddeeff$03b06eff38e44ecac1e68ea869f72bf431ee957be8155f21169dd901cd41cbb6";
        assert!(is_brought_along(stored));
        assert!(verify(stored, "motdepasse123"));
        assert!(!verify(stored, "motdepasse124"));
    }

    #[test]
    fn what_is_no_such_hash_opens_for_nobody() {
        let zeros = "0".repeat(64);
        for stored in ["", "$", "salt", "salt$", "salt$abcd", &format!("${zeros}"), &format!("{zeros}{zeros}1${zeros}")]
        {
            assert!(!is_brought_along(stored), "{stored}");
            assert!(!verify(stored, ""), "{stored}");
        }
    }
}
