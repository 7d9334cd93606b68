//! The accounts at payment providers: the database says which there are, the environment holds their secrets (SN50).

use crate::{
    carry::Queue,
    config::{WorkerConfig, service_url},
};
use domain::{
    db::{Db, Scope},
    money::Currency,
    payments::{SecretRef, secret_refs},
};
use integrations::{
    Secret,
    payments::{
        Account, CallbackKeys, Callbacks, Credentials, ProviderSettings, mtn::MtnKeys, orange::OrangeKeys,
        sonatel::SonatelKeys, stripe::StripeKeys, wave::WaveKeys,
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
    /// Where it answers to accounts for trying out; `None` where there is no such thing, and an address must be named.
    try_out: Option<&'static str>,
}

const KNOWN: [Known; 5] = [
    Known {
        provider: "wave",
        usual_ref: "WAVE",
        first: "WAVE_API_KEY",
        url: ("WAVE_API_URL", "https://api.wave.com"),
        try_out: None,
    },
    Known {
        provider: "orange",
        usual_ref: "ORANGE",
        first: "ORANGE_CLIENT_ID",
        url: ("ORANGE_API_URL", "https://api.orange.com"),
        try_out: Some("https://api.orange.com"), // its country is `dev`
    },
    Known {
        provider: "mtn",
        usual_ref: "MTN",
        first: "MTN_API_USER",
        url: ("MTN_API_URL", "https://proxy.momoapi.mtn.com"),
        try_out: Some("https://sandbox.momodeveloper.mtn.com"),
    },
    Known {
        provider: "card",
        usual_ref: "STRIPE",
        first: "STRIPE_SECRET_KEY",
        url: ("STRIPE_API_URL", "https://api.stripe.com"),
        try_out: Some("https://api.stripe.com"), // its key says so
    },
    Known {
        provider: "sonatel",
        usual_ref: "SONATEL",
        first: "SONATEL_CLIENT_ID",
        url: ("SONATEL_API_URL", "https://api.orange-sonatel.com"),
        try_out: Some("https://api.sandbox.orange-sonatel.com"),
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

fn read(env: &mut Env<'_>, mut accounts: Vec<SecretRef>, environment: Environment) -> Vec<ProviderSettings> {
    for known in &KNOWN {
        let named = accounts.iter().any(|one| one.provider == known.provider && one.secret_ref == known.usual_ref);
        if !named && env.optional(known.first).is_some() {
            let (provider, secret_ref) = (known.provider.to_owned(), known.usual_ref.to_owned());
            accounts.push(SecretRef { provider, secret_ref, currency: Currency::Xof, mode: "live".into() });
        }
    }
    let mut settings = Vec::with_capacity(accounts.len());
    for SecretRef { provider, secret_ref, currency, mode } in accounts {
        let Some(known) = KNOWN.iter().find(|known| known.provider == provider) else {
            env.problem(&secret_ref, format!("is an account at {provider}, which this build does not speak with"));
            continue;
        };
        let live = mode == "live";
        let mut variables = Variables { env, usual_ref: known.usual_ref, secret_ref: &secret_ref, live, environment };
        let base_url = variables.base_url(known);
        let credentials = match known.provider {
            "orange" => Credentials::Orange(orange(&mut variables)),
            "mtn" => Credentials::Mtn(mtn(&mut variables)),
            "card" => Credentials::Card(card(&mut variables)),
            "sonatel" => Credentials::Sonatel(sonatel(&mut variables)),
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
    /// Whether its money is real (SN50).
    live: bool,
    environment: Environment,
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

    /// An account for trying out has an address of its own, and not the real one, unless its credentials make the difference.
    fn base_url(&mut self, known: &Known) -> String {
        let (usual, real) = known.url;
        if self.live {
            return service_url(self.env, usual, real, self.environment);
        }
        let name = self.name(usual);
        let url = service_url(self.env, &name, known.try_out.unwrap_or(real), self.environment);
        if known.try_out != Some(real) && url.trim_end_matches('/') == real {
            self.env.problem(&name, "must name who plays this provider for an account for trying out");
        }
        url
    }

    fn real(&mut self, usual: &str, trying: &str) -> String {
        let value = self.text(usual);
        self.must_fit(usual, value == trying);
        value
    }

    /// Try-out environments speak a currency that is no money: a live account must not meet one in production (PROVIDERS
    /// §10, 25), and an account for trying out must never meet anything else (SN50).
    fn must_fit(&mut self, usual: &str, trying: bool) {
        let name = self.name(usual);
        match (self.live, trying) {
            (true, true) if self.environment == Environment::Production => {
                self.env.problem(&name, "is for trying out, where no money moves");
            }
            (false, false) => self.env.problem(&name, "moves money, and its account is for trying out"),
            _ => {}
        }
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

fn orange(variables: &mut Variables<'_, '_>) -> OrangeKeys {
    OrangeKeys {
        country: variables.real("ORANGE_COUNTRY", "dev"),
        client_id: variables.text("ORANGE_CLIENT_ID"),
        client_secret: variables.secret("ORANGE_CLIENT_SECRET"),
        merchant_key: variables.secret("ORANGE_MERCHANT_KEY"),
        merchant_name: variables.text("ORANGE_MERCHANT_NAME"),
        callbacks: variables.callbacks(),
    }
}

fn mtn(variables: &mut Variables<'_, '_>) -> MtnKeys {
    MtnKeys {
        target_environment: variables.real("MTN_TARGET_ENVIRONMENT", "sandbox"),
        api_user: variables.text("MTN_API_USER"),
        api_key: variables.secret("MTN_API_KEY"),
        collection_key: variables.secret("MTN_COLLECTION_KEY"),
        disbursement_key: variables.optional("MTN_DISBURSEMENT_KEY", SHORTEST_SECRET),
        callbacks: variables.callbacks(),
    }
}

fn card(variables: &mut Variables<'_, '_>) -> StripeKeys {
    let secret_key = variables.secret("STRIPE_SECRET_KEY");
    variables.must_fit("STRIPE_SECRET_KEY", secret_key.expose().starts_with("sk_test_"));
    StripeKeys { secret_key, merchant_name: variables.text("STRIPE_MERCHANT_NAME") }
}

fn sonatel(variables: &mut Variables<'_, '_>) -> SonatelKeys {
    SonatelKeys {
        client_id: variables.text("SONATEL_CLIENT_ID"),
        client_secret: variables.secret("SONATEL_CLIENT_SECRET"),
        merchant_code: variables.text("SONATEL_MERCHANT_CODE"),
        merchant_name: variables.text("SONATEL_MERCHANT_NAME"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(provider: &str, secret_ref: &str) -> SecretRef {
        let (provider, secret_ref) = (provider.to_owned(), secret_ref.to_owned());
        SecretRef { provider, secret_ref, currency: Currency::Xof, mode: "live".into() }
    }

    fn told(accounts: &[SecretRef], variables: &[(&str, &str)]) -> Result<Vec<String>, Vec<String>> {
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
    fn an_account_for_trying_out_moves_no_money_wherever_it_runs() {
        let trying = |provider, secret_ref| SecretRef { mode: "test".into(), ..account(provider, secret_ref) };
        let stripe = |key: &'static str| [("TRY_STRIPE_SECRET_KEY", key), ("TRY_STRIPE_MERCHANT_NAME", "AlloCar")];
        let card = [trying("card", "TRY_STRIPE")];
        assert_eq!(told(&card, &stripe("sk_test_0123")).unwrap(), ["TRY_STRIPE"]);
        assert_eq!(told(&card, &stripe("sk_live_0123")).unwrap_err(), ["TRY_STRIPE_SECRET_KEY"]);
        assert_eq!(
            told(&[account("card", "TRY_STRIPE")], &stripe("sk_test_0123")).unwrap_err(),
            ["TRY_STRIPE_SECRET_KEY"]
        );

        // nobody plays Wave but who says so
        let (wave, key) = ([trying("wave", "TRY")], ("TRY_API_KEY", "a-key-of-wave"));
        assert_eq!(told(&wave, &[key]).unwrap_err(), ["TRY_API_URL"]);
        assert_eq!(told(&wave, &[key, ("WAVE_API_URL", "https://wave.played.test")]).unwrap_err(), ["TRY_API_URL"]);
        assert_eq!(told(&wave, &[key, ("TRY_API_URL", "https://wave.played.test")]).unwrap(), ["TRY"]);
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
