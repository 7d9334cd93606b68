//! Which accounts this deployment holds with which providers. The binaries read them from the environment.

use super::{
    provider::Provider,
    wave::{Wave, webhook::Strategy},
};
use crate::secret::Secret;
use domain::{error::Fault, money::Currency};
use std::collections::HashMap;

/// One account with one provider.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Which provider, e.g. `wave`.
    pub provider: String,
    /// Which account, as the database names it; also the prefix of its environment variables.
    pub secret_ref: String,
    /// Where the provider's API answers, e.g. `https://api.wave.com`.
    pub base_url: String,
    /// What we prove ourselves with.
    pub api_key: Secret,
    /// What its webhooks prove themselves with: the current one, then older ones during a rotation.
    pub webhook_secrets: Vec<Secret>,
    /// How its webhooks prove themselves.
    pub webhook_strategy: Strategy,
    /// Request signing, where it is switched on for the key.
    pub signing_secret: Option<Secret>,
    /// The wallet's only currency.
    pub currency: Currency,
}

/// Settings that no account can be made of.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A provider this build does not speak with.
    #[error("unknown payment provider {0:?}")]
    UnknownProvider(String),
    /// Two accounts with the same provider and name.
    #[error("the {0} account {1:?} is configured twice")]
    Twice(String, String),
    /// No HTTP client can be built on this machine.
    #[error("http client: {0}")]
    Client(#[from] reqwest::Error),
}

/// Every account of this deployment.
#[derive(Debug, Default)]
pub struct Providers {
    accounts: HashMap<String, HashMap<String, Provider>>,
}

impl Providers {
    /// Builds a client for each account.
    ///
    /// # Errors
    /// [`SettingsError`] for the first account that makes no sense.
    pub fn new(settings: impl IntoIterator<Item = ProviderSettings>) -> Result<Self, SettingsError> {
        let mut accounts: HashMap<String, HashMap<String, Provider>> = HashMap::new();
        for account in settings {
            let (kind, name) = (account.provider.clone(), account.secret_ref.clone());
            let provider = match kind.as_str() {
                "wave" => Provider::Wave(Wave::new(account)?),
                _ => return Err(SettingsError::UnknownProvider(kind)),
            };
            if accounts.entry(kind.clone()).or_default().insert(name.clone(), provider).is_some() {
                return Err(SettingsError::Twice(kind, name));
            }
        }
        Ok(Self { accounts })
    }

    /// The client of one account.
    ///
    /// # Errors
    /// A fault when the database names an account this process was not given the secrets of: the job waits for an
    /// operator, the payment does not fail.
    pub fn to(&self, provider: &str, secret_ref: &str) -> Result<&Provider, Fault> {
        self.accounts
            .get(provider)
            .and_then(|accounts| accounts.get(secret_ref))
            .ok_or_else(|| Fault::corrupt("provider account", format!("no settings for {provider}/{secret_ref}")))
    }
}
