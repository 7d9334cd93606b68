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
use integrations::payments::{ProviderSettings, wave::webhook::Strategy};
use runtime::{Environment, env::Env};
use std::error::Error;

const WAVE: &str = "wave";
const WAVE_API: &str = "https://api.wave.com";

/// The account most deployments hold. When its secrets are here it can be used before the database names it, so that
/// the first organization needs no restart.
const DEFAULT_REF: &str = "WAVE";

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
    let named = accounts.iter().any(|(provider, secret_ref, _)| provider == WAVE && secret_ref == DEFAULT_REF);
    if !named && env.optional(&api_key(DEFAULT_REF)).is_some() {
        accounts.push((WAVE.to_owned(), DEFAULT_REF.to_owned(), Currency::Xof));
    }
    let base_url = service_url(env, "WAVE_API_URL", WAVE_API, environment);
    let mut settings = Vec::with_capacity(accounts.len());
    for (provider, secret_ref, currency) in accounts {
        if provider != WAVE {
            env.problem(&secret_ref, format!("is an account at {provider}, which this build does not speak with"));
            continue;
        }
        let signing = env.optional_secret(&format!("{secret_ref}_SIGNING_SECRET"), 16);
        settings.push(ProviderSettings {
            base_url: base_url.clone(),
            api_key: env.secret(&api_key(&secret_ref), 8).expose().into(),
            // carriers receive no webhooks, and hold no secret they do not need
            webhook_secrets: Vec::new(),
            webhook_strategy: Strategy::default(),
            signing_secret: signing.map(|secret| secret.expose().into()),
            provider,
            secret_ref,
            currency,
        });
    }
    settings
}

fn api_key(secret_ref: &str) -> String {
    format!("{secret_ref}_API_KEY")
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
        Ok(settings.into_iter().map(|account| account.secret_ref).collect())
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
}
