//! Passwords: Argon2id with a salt of their own (CX7). Hashing is meant to be slow: doors call these functions on a
//! blocking thread, outside every transaction.

use super::{Credential, Known, brought_along};
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
    hash_as_it_is(password)
}

/// For a password that was good enough elsewhere: nobody is shut out because it is shorter than ours must be.
fn hash_as_it_is(password: &str) -> Result<String> {
    let hash: PasswordHash =
        Argon2::default().hash_password(password.as_bytes()).map_err(|e| Fault::corrupt("password", e))?;
    Ok(hash.to_string())
}

/// Whether `password` is the one behind `hash`. Slow on purpose; an unreadable hash matches nothing.
#[must_use]
pub fn verify(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A password that was right.
#[derive(Clone)]
pub struct Proof {
    /// What it opened.
    pub credential: Credential,
    /// The same password as we keep it, where it was kept in the old way.
    pub renewed: Option<String>,
}

/// Whether `password` opens the account that was asked for. Takes as long when there is no such account, and while
/// some passwords are still kept in the old way every answer takes as long as theirs (CX7).
///
/// # Errors
/// A fault when the system has no randomness.
pub fn prove(known: &Known, password: &str) -> Result<Option<Proof>> {
    let credential = known.credential.as_ref();
    let stored = |algorithm: &str| credential.filter(|c| c.algorithm == algorithm).map(|c| c.secret_hash.as_str());
    let (ours, theirs) = (stored("argon2id"), stored(brought_along::ALGORITHM));
    if let Some(hash) = theirs
        && brought_along::verify(hash, password)
    {
        let renewed = Some(hash_as_it_is(password)?);
        return Ok(credential.map(|credential| Proof { credential: credential.clone(), renewed }));
    }
    if theirs.is_none() && known.some_brought_along {
        std::hint::black_box(brought_along::verify("", password));
    }
    let right = std::hint::black_box(verify(ours.unwrap_or(DECOY), password)) && ours.is_some();
    Ok(credential.filter(|_| right).map(|credential| Proof { credential: credential.clone(), renewed: None }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::UserId;

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
        let nobody = Known { credential: None, some_brought_along: true };
        assert!(prove(&nobody, "correct horse").unwrap().is_none());
    }

    #[test]
    fn an_old_password_is_renewed_by_its_own_use() {
        let old = "00112233445566778899aabbccddeeff$03b06eff38e44ecac1e68ea869f72bf431ee957be8155f21169dd901cd41cbb6";
        let credential =
            Credential { user: UserId::new(), algorithm: brought_along::ALGORITHM.into(), secret_hash: old.into() };
        let known = Known { credential: Some(credential), some_brought_along: true };
        assert!(prove(&known, "motdepasse124").unwrap().is_none());
        let proof = prove(&known, "motdepasse123").unwrap().unwrap();
        assert!(verify(&proof.renewed.unwrap(), "motdepasse123"));
    }

    #[test]
    fn too_short_and_too_long_are_refused() {
        assert!(check("1234567").is_err());
        assert!(check("éééééééé").is_ok());
        assert!(check(&"x".repeat(201)).is_err());
    }
}
