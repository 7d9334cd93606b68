//! The accounts at payment providers: the database says which there are, the environment holds their secrets (SN50).

use crate::{
    carry::Queue,
    config::{WorkerConfig, service_url},
};
use domain::{
    db::{Db, Scope},
    money::Currency,
    payments::secret_refs,
};
use integrations::{
    Secret,
    payments::{
        Account, CallbackKeys, Callbacks, Credentials, ProviderSettings, mtn::MtnKeys, orange::OrangeKeys,
        stripe::StripeKeys, wave::WaveKeys,
    },
};
use runtime::{Environment, env::Env};
use std::error::Error;

/// A provider: its name, where it answers, and the prefix most deployments use. When the secrets of that prefix are
/// here it can be used before the database names it, so that the first organization needs no restart.
struct Known {
    provider: &'static str,
    usual_ref: &'static str,
    /// The variable that tells whether its secrets are here.
    first: &'static str,
    url: (&'static str, &'static str),
}

const KNOWN: [Known; 4] = [
    Known { provider: "wave", usual_ref: "WAVE", first: "WAVE_API_KEY", url: ("WAVE_API_URL", "https://api.wave.com") },
    Known {
        provider: "orange",
        usual_ref: "ORANGE",
        first: "ORANGE_CLIENT_ID",
        url: ("ORANGE_API_URL", "https://api.orange.com"),
    },
    Known {
        provider: "mtn",
        usual_ref: "MTN",
        first: "MTN_API_USER",
        url: ("MTN_API_URL", "https://proxy.momoapi.mtn.com"),
    },
    Known {
        provider: "card",
        usual_ref: "STRIPE",
        first: "STRIPE_SECRET_KEY",
        url: ("STRIPE_API_URL", "https://api.stripe.com"),
    },
];

/// Shorter secrets are a mistake of copying.
const SHORTEST_SECRET: usize = 8;

/// Settings of every account the database names; none for a worker that moves no money.
///
/// # Errors
/// When the database cannot be asked, or secrets are missing: all of them are named.
pub(crate) async fn of_database(db: &Db, config: &WorkerConfig) -> Result<Vec<ProviderSettings>, Box<dyn Error>> {
    if !config.queues.contains(&Queue::Payments) {
        return Ok(Vec::new());
    }
    let mut tx = db.begin(Scope::nowhere()).await?;
    let accounts = secret_refs(&mut tx).await?;
    drop(tx);
    let mut env = Env::of_process();
    let settings = read(&mut env, accounts, config.process.environment);
    Ok(env.finish(settings)?)
}

fn read(
    env: &mut Env<'_>,
    mut accounts: Vec<(String, String, Currency)>,
    environment: Environment,
) -> Vec<ProviderSettings> {
    for known in &KNOWN {
        let named = accounts.iter().any(|(provider, name, _)| provider == known.provider && name == known.usual_ref);
        if !named && env.optional(known.first).is_some() {
            accounts.push((known.provider.to_owned(), known.usual_ref.to_owned(), Currency::Xof));
        }
    }
    let mut settings = Vec::with_capacity(accounts.len());
    for (provider, secret_ref, currency) in accounts {
        let Some(known) = KNOWN.iter().find(|known| known.provider == provider) else {
            env.problem(&secret_ref, format!("is an account at {provider}, which this build does not speak with"));
            continue;
        };
        let base_url = service_url(env, known.url.0, known.url.1, environment);
        let mut variables = Variables { env, usual_ref: known.usual_ref, secret_ref: &secret_ref };
        let credentials = match known.provider {
            "orange" => Credentials::Orange(orange(&mut variables, environment)),
            "mtn" => Credentials::Mtn(mtn(&mut variables, environment)),
            "card" => Credentials::Card(card(&mut variables, environment)),
            _ => Credentials::Wave(wave(&mut variables)),
        };
        settings.push(ProviderSettings { account: Account { secret_ref, base_url, currency }, credentials });
    }
    settings
}

/// The variables of one account, by the names they have under the usual prefix.
struct Variables<'a, 'e> {
    env: &'a mut Env<'e>,
    usual_ref: &'static str,
    secret_ref: &'a str,
}

impl Variables<'_, '_> {
    fn name(&self, usual: &str) -> String {
        usual.replacen(self.usual_ref, self.secret_ref, 1)
    }

    fn text(&mut self, usual: &str) -> String {
        self.env.required(&self.name(usual))
    }

    fn secret(&mut self, usual: &str) -> Secret {
        self.env.secret(&self.name(usual), SHORTEST_SECRET).expose().into()
    }

    fn optional(&mut self, usual: &str, shortest: usize) -> Option<Secret> {
        self.env.optional_secret(&self.name(usual), shortest).map(|secret| secret.expose().into())
    }

    /// Try-out environments speak a currency that is no money, and must not be met in production (PROVIDERS §10, 25).
    fn real(&mut self, usual: &str, trying: &str, environment: Environment) -> String {
        let value = self.text(usual);
        if environment == Environment::Production && value == trying {
            self.env.problem(&self.name(usual), format!("is {trying}, where no money moves"));
        }
        value
    }

    fn callbacks(&mut self) -> Callbacks {
        let keys = self.env.secrets("CALLBACK_KEYS", 32).iter().map(|key| key.expose().into()).collect();
        Callbacks { base_url: self.env.required("PUBLIC_URL"), keys: CallbackKeys::new(keys) }
    }
}

fn wave(variables: &mut Variables<'_, '_>) -> WaveKeys {
    let signing_secret = variables.optional("WAVE_SIGNING_SECRET", 16);
    WaveKeys { api_key: variables.secret("WAVE_API_KEY"), signing_secret }
}

fn orange(variables: &mut Variables<'_, '_>, environment: Environment) -> OrangeKeys {
    OrangeKeys {
        country: variables.real("ORANGE_COUNTRY", "dev", environment),
        client_id: variables.text("ORANGE_CLIENT_ID"),
        client_secret: variables.secret("ORANGE_CLIENT_SECRET"),
        merchant_key: variables.secret("ORANGE_MERCHANT_KEY"),
        merchant_name: variables.text("ORANGE_MERCHANT_NAME"),
        callbacks: variables.callbacks(),
    }
}

fn mtn(variables: &mut Variables<'_, '_>, environment: Environment) -> MtnKeys {
    MtnKeys {
        target_environment: variables.real("MTN_TARGET_ENVIRONMENT", "sandbox", environment),
        api_user: variables.text("MTN_API_USER"),
        api_key: variables.secret("MTN_API_KEY"),
        collection_key: variables.secret("MTN_COLLECTION_KEY"),
        disbursement_key: variables.optional("MTN_DISBURSEMENT_KEY", SHORTEST_SECRET),
        callbacks: variables.callbacks(),
    }
}

fn card(variables: &mut Variables<'_, '_>, environment: Environment) -> StripeKeys {
    let secret_key = variables.secret("STRIPE_SECRET_KEY");
    if environment == Environment::Production && secret_key.expose().starts_with("sk_test_") {
        let name = variables.name("STRIPE_SECRET_KEY");
        variables.env.problem(&name, "is a key for trying out: no money moves");
    }
    StripeKeys { secret_key, merchant_name: variables.text("STRIPE_MERCHANT_NAME") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(provider: &str, secret_ref: &str) -> (String, String, Currency) {
        (provider.to_owned(), secret_ref.to_owned(), Currency::Xof)
    }

    fn told(accounts: &[(String, String, Currency)], variables: &[(&str, &str)]) -> Result<Vec<String>, Vec<String>> {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let mut env = Env::new(find);
        let settings = read(&mut env, accounts.to_vec(), Environment::Production);
        let settings =
            env.finish(settings).map_err(|e| e.0.into_iter().map(|problem| problem.name).collect::<Vec<_>>())?;
        Ok(settings.into_iter().map(|settings| settings.account.secret_ref).collect())
    }

    #[test]
    fn every_account_without_its_key_is_named() {
        let missing = told(&[account("wave", "WAVE_CI"), account("wave", "WAVE_SN"), account("coins", "X")], &[]);
        assert_eq!(missing.unwrap_err(), ["WAVE_CI_API_KEY", "WAVE_SN_API_KEY", "X"]);
    }

    #[test]
    fn the_usual_account_is_ready_before_the_database_names_it() {
        let key = [("WAVE_API_KEY", "a-key-of-wave")];
        assert_eq!(told(&[], &key).unwrap(), ["WAVE"]);
        assert_eq!(told(&[account("wave", "WAVE")], &key).unwrap(), ["WAVE"], "once");
        assert_eq!(told(&[], &[]).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_account_is_read_under_its_own_prefix_and_is_no_try_out_in_production() {
        let variables = |environment: &'static str| {
            [
                ("CI_MTN_TARGET_ENVIRONMENT", environment),
                ("CI_MTN_API_USER", "user"),
                ("CI_MTN_API_KEY", "a-key-of-mtn"),
                ("CI_MTN_COLLECTION_KEY", "a-subscription"),
                ("CALLBACK_KEYS", "0123456789abcdef0123456789abcdef"),
                ("PUBLIC_URL", "https://api.test"),
            ]
        };
        let accounts = [account("mtn", "CI_MTN")];
        assert_eq!(told(&accounts, &variables("mtnivorycoast")).unwrap(), ["CI_MTN"]);
        assert_eq!(told(&accounts, &variables("sandbox")).unwrap_err(), ["CI_MTN_TARGET_ENVIRONMENT"]);
    }
}
