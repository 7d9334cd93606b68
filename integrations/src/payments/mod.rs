//! Payment providers: one trait, one room each (REQUIREMENTS J1–J12).

pub mod provider;
mod settings;
pub mod wave;

pub use provider::{PaymentProvider, Provider};
pub use settings::{ProviderSettings, Providers, SettingsError};
