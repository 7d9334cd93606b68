//! People: who they are, how they prove it, and what they may do (C, CX6–CX9, CX23). People are known across
//! organizations; roles are not.

mod admit;
mod brought_along;
mod change_password;
pub(crate) mod checks;
mod code_to_send;
mod destinations;
pub mod devices;
mod forget_expired;
mod identifier;
mod import;
mod join;
mod login;
pub mod password;
mod people;
mod principal;
mod profile;
mod refresh;
mod register;
mod revoke;
mod send_code;
mod session_token;
mod update_me;
mod verify_code;

pub use admit::{Admission, admit};
pub use brought_along::is_brought_along;
pub use change_password::{change_password, my_credential, reset_password};
pub use code_to_send::{CodeMessage, code_to_send};
pub use destinations::{
    Destination, PAYOUT_METHODS, confirm_destination, current_destination, set_destination, usable_destination,
};
pub use forget_expired::{Forgotten, forget_expired};
pub use identifier::Identifier;
pub use import::{Brought, Imported, import_member, list_member};
pub use join::join;
pub use login::{Credential, Known, SessionTokens, accept_proof, find_credential, open_session};
pub use people::{find_user, full_name, phone_of};
pub(crate) use principal::as_principal;
pub use principal::{Principal, choose_organization, principal};
pub use profile::{Me, MyIdentity, MyOrganization, me, my_organizations};
pub use refresh::{Refreshed, refresh};
pub use register::{NewPerson, Newcomer, Registered, create_person, register};
pub use revoke::{SessionView, my_sessions, revoke_all_sessions, revoke_session};
pub use send_code::{Purpose, send_code};
pub use session_token::{SESSION_TOKEN_LIFE, SessionToken, issue_session_token, looks_like_session_token, recognise};
pub use update_me::{ProfilePatch, update_me};
pub use verify_code::{Verified, verify_code};

use crate::{audit::Change, db::Tx};

/// People belong to no organization: a change to one is audited where it happened, if that was anywhere.
fn record(tx: &mut Tx, change: Change) {
    if tx.org().is_ok() {
        tx.record(change);
    }
}
