//! Which accounts this deployment holds with which providers. The binaries read them from the environment.

use super::{
    mtn::{Mtn, MtnKeys},
    orange::{Orange, OrangeKeys},
    provider::Provider,
    stripe::{Stripe, StripeKeys},
    wave::{Wave, WaveKeys},
};
use domain::{error::Fault, money::Currency};
use std::collections::HashMap;

/// One account with one provider.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// What every account has.
    pub account: Account,
    /// With whom, and what we prove ourselves with.
    pub credentials: Credentials,
}

/// What every account has.
#[derive(Debug, Clone)]
pub struct Account {
    /// Which account, as the database names it; also the prefix of its environment variables.
    pub secret_ref: String,
    /// Where the provider's API answers, e.g. `https://api.wave.com`.
    pub base_url: String,
    /// Its only currency.
    pub currency: Currency,
}

impl Account {
    /// `base_url` without a slash at its end.
    pub(super) fn base_url(&self) -> String {
        self.base_url.trim_end_matches('/').to_owned()
    }
}

/// What we prove ourselves with, by provider.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// Wave (PROVIDERS §1).
    Wave(WaveKeys),
    /// Orange Money Web Payment (PROVIDERS §2A).
    Orange(OrangeKeys),
    /// MTN MoMo (PROVIDERS §3).
    Mtn(MtnKeys),
    /// Cards through Stripe (PROVIDERS §4).
    Card(StripeKeys),
}

impl Credentials {
    /// The provider as the database names it.
    #[must_use]
    pub fn provider(&self) -> &'static str {
        match self {
            Self::Wave(_) => "wave",
            Self::Orange(_) => "orange",
            Self::Mtn(_) => "mtn",
            Self::Card(_) => "card",
        }
    }
}

/// Settings that no account can be made of.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Two accounts with the same provider and name.
    #[error("the {0} account {1:?} is configured twice")]
    Twice(&'static str, String),
    /// No HTTP client can be built on this machine.
    #[error("http client: {0}")]
    Client(#[from] reqwest::Error),
}

/// Every account of this deployment.
#[derive(Debug, Default)]
pub struct Providers {
    accounts: HashMap<&'static str, HashMap<String, Provider>>,
}

impl Providers {
    /// Builds a client for each account.
    ///
    /// # Errors
    /// [`SettingsError`] for the first account that makes no sense.
    pub fn new(settings: impl IntoIterator<Item = ProviderSettings>) -> Result<Self, SettingsError> {
        let mut accounts: HashMap<&'static str, HashMap<String, Provider>> = HashMap::new();
        for ProviderSettings { account, credentials } in settings {
            let kind = credentials.provider();
            let provider = match credentials {
                Credentials::Wave(keys) => Provider::Wave(Wave::new(&account, keys)?),
                Credentials::Orange(keys) => Provider::Orange(Orange::new(&account, keys)?),
                Credentials::Mtn(keys) => Provider::Mtn(Mtn::new(&account, keys)?),
                Credentials::Card(keys) => Provider::Card(Stripe::new(&account, keys)?),
            };
            let name = account.secret_ref;
            if accounts.entry(kind).or_default().insert(name.clone(), provider).is_some() {
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
