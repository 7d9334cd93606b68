//! Messages to people: push, SMS and e-mail (REQUIREMENTS R1, R5, R6; PROVIDERS §5, §6).

mod email;
mod push;
pub mod push_wire;
mod service_account;
mod sms;
pub mod sms_wire;
pub(crate) mod token;

pub use email::{Email, Mailer, MailerError, MailerSettings};
pub use push::{Push, PushMessage, PushSettings};
pub use service_account::{ServiceAccount, ServiceAccountError};
pub use sms::{Sms, SmsSettings};
pub use token::TokenAnswer;

/// What became of a message, as far as the carrier tells. Trouble on the way is a fault instead: try again later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendAnswer {
    /// Handed over.
    Sent {
        /// The carrier's own id, where it gives one: receipts name it.
        provider_message_id: Option<String>,
    },
    /// The address is dead: forget it.
    Gone,
    /// This message will never be accepted; the address may be fine.
    Rejected {
        /// The carrier's code.
        code: String,
        /// Why, in the carrier's words or ours; for operators.
        message: String,
    },
}

impl SendAnswer {
    fn rejected(code: impl Into<String>, message: &str) -> Self {
        Self::Rejected { code: code.into(), message: message.chars().take(300).collect() }
    }
}
