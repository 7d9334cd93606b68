//! Passwords: Argon2id with a salt of their own (CX7). Hashing is meant to be slow: doors call these functions on a
//! blocking thread, outside every transaction.

use super::Credential;
use crate::{
    error::{Fault, Result},
    refusals::Refusal,
};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

/// Nobody's password, with the cost of a real one: an unknown identifier must take as long as a wrong password.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$ZGVjb3lkZWNveWRlY295ZA$c29tZWJvZHl3aG9kb2Vzbm90ZXhpc3RoYXNub2hhc2g";

/// Checks a password somebody wants to use: 8 to 200 characters.
///
/// # Errors
/// [`Refusal::Invalid`] on `password`.
pub fn check(password: &str) -> Result<()> {
    if (8..=200).contains(&password.chars().count()) {
        Ok(())
    } else {
        Err(Refusal::invalid("password", "must have between 8 and 200 characters").into())
    }
}

/// The PHC string to store. Slow on purpose.
///
/// # Errors
/// [`Refusal::Invalid`] when the password breaks the rules; a fault when the system has no randomness.
pub fn hash(password: &str) -> Result<String> {
    check(password)?;
    let hash: PasswordHash =
        Argon2::default().hash_password(password.as_bytes()).map_err(|e| Fault::corrupt("password", e))?;
    Ok(hash.to_string())
}

/// Whether `password` is the one behind `hash`. Slow on purpose; an unreadable hash matches nothing.
#[must_use]
pub fn verify(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Whether `password` opens the account of `credential`. Takes as long when there is no such account.
#[must_use]
pub fn opens(credential: Option<&Credential>, password: &str) -> bool {
    match credential {
        Some(credential) if credential.algorithm == "argon2id" => verify(&credential.secret_hash, password),
        _ => {
            std::hint::black_box(verify(DECOY, password));
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_opens_only_its_own_hash() {
        let stored = hash("correct horse").unwrap();
        assert!(verify(&stored, "correct horse"));
        assert!(!verify(&stored, "correct horsf"));
        assert_ne!(stored, hash("correct horse").unwrap(), "salts differ");
        assert!(!verify("not a hash", "correct horse"));
    }

    #[test]
    fn the_decoy_costs_what_a_real_hash_costs() {
        let cost = |phc: &str| phc.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(cost(DECOY), cost(&hash("correct horse").unwrap()));
        let decoy = PasswordHash::new(DECOY).unwrap();
        assert_eq!(decoy.hash.unwrap().len(), 32);
        assert!(!opens(None, "correct horse"));
    }

    #[test]
    fn too_short_and_too_long_are_refused() {
        assert!(check("1234567").is_err());
        assert!(check("éééééééé").is_ok());
        assert!(check(&"x".repeat(201)).is_err());
    }
}
