//! Payment providers: one trait, one room each (REQUIREMENTS J1–J12).

mod amount;
mod bearer;
mod by_hand;
pub mod callback;
pub mod mtn;
pub mod orange;
pub mod provider;
mod settings;
pub mod sonatel;
pub mod stripe;
pub mod wave;
pub mod webhook;

pub use amount::Amount;
pub use callback::{CallbackKeys, Callbacks};
/// What a provider is asked with, for those who play one.
pub use domain::payments::provider::{CheckoutRef, RefundOrder};
pub use provider::{PaymentProvider, Provider};
pub use settings::{Account, Credentials, ProviderSettings, Providers, SettingsError};

use domain::{
    money::{Currency, Money},
    payments::provider::Declined,
};

/// A refusal with its words cut to a length fit for a column.
fn declined(code: &str, message: &str) -> Declined {
    let cut = |text: &str, most| text.chars().take(most).collect();
    Declined { code: cut(code, 64), message: cut(message, 300) }
}

/// An account holds one currency; asking for another is a no that needs no call.
fn own_currency(money: Money, currency: Currency) -> Result<(), Declined> {
    if money.currency == currency {
        return Ok(());
    }
    Err(declined("currency-mismatch", &format!("this account holds {currency}, not {}", money.currency)))
}
