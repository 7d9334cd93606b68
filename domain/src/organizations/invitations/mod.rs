//! Invitations (SN4, L24): a way in for one address and one role. Most go out as a letter with a secret; whoever is only
//! listed proves the address with a code. Either is good once, for a while, and whatever the organization's registration
//! says.

mod accept;
mod create;
mod letter;
mod queries;
mod revoke;

pub(crate) use accept::{accept, accept_listed, expects, is_listed};
pub use accept::{accept_token, find_open};
pub use create::{NewInvitation, create};
pub use letter::{Letter, LetterResult, record_letter, start_letter};
pub use queries::{Invitation, STATES, find, list};
pub use revoke::revoke;

use crate::{
    ids::InvitationId,
    keys::{Keys, sha256},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// The secret in the letter: 128 bits that only this installation can derive from the row's id, so that the job that
/// carries it holds an id, and a letter sent again says the same.
fn secret(keys: &Keys, id: InvitationId) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&keys.mac("invitation", &[id.0.as_bytes()])[..16])
}

/// What the row knows of the secret. It is guessed no better than a key, so one round is enough.
fn hash(secret: &str) -> [u8; 32] {
    sha256(secret.trim().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_long_its_own_and_always_the_same() {
        let keys = Keys::new(&[[7; 32]], b"codes");
        let (one, other) = (InvitationId::new(), InvitationId::new());
        assert_eq!(secret(&keys, one).len(), 22);
        assert_eq!(secret(&keys, one), secret(&keys, one));
        assert_ne!(secret(&keys, one), secret(&keys, other));
        assert_eq!(hash(&format!(" {} ", secret(&keys, one))), hash(&secret(&keys, one)), "as it is copied");
    }
}
