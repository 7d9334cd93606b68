//! The program's settings from the environment.

use crate::fcm::PushProject;
use crate::mtn::MtnContract;
use crate::orange::OrangeContract;
use crate::settings::Settings;
use crate::stripe::StripeContract;
use integrations::Secret;
use runtime::env::Env;
use std::net::{Ipv4Addr, SocketAddr};

/// Shorter secrets are a mistake of copying.
const SHORTEST_SECRET: usize = 8;

/// Read the settings of a sandbox; problems are noted in `env`.
pub fn read(env: &mut Env<'_>) -> Settings {
    let everywhere = |port| SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    let http_listen = env.value_or("SANDBOX_LISTEN", everywhere(8090));
    let base = Settings::default();
    let mut tuning = base.tuning;
    tuning.card_webhook_url = env.optional_as("SANDBOX_CARD_WEBHOOK_URL", web_address);
    tuning.webhook_url = env.optional_as("SANDBOX_WAVE_WEBHOOK_URL", web_address);
    let here = format!("http://localhost:{}", http_listen.port());
    Settings {
        http_listen,
        smtp_listen: env.value_or("SANDBOX_SMTP_LISTEN", everywhere(1025)),
        public_url: Some(env.optional_as("SANDBOX_PUBLIC_URL", web_address).unwrap_or(here)),
        api_keys: vec![Secret::new(env.secret("WAVE_API_KEY", SHORTEST_SECRET).expose())],
        webhook_secrets: env
            .secrets("WAVE_WEBHOOK_SECRETS", SHORTEST_SECRET)
            .iter()
            .map(|secret| Secret::new(secret.expose()))
            .collect(),
        signing_secret: env
            .optional_secret("WAVE_SIGNING_SECRET", SHORTEST_SECRET)
            .map(|secret| Secret::new(secret.expose())),
        mtn: mtn(env),
        orange: orange(env),
        stripe: stripe(env),
        push: env.required_as("FCM_SERVICE_ACCOUNT", push_project).unwrap_or(base.push),
        sms_client_id: env.required("SMS_CLIENT_ID"),
        sms_client_secret: Secret::new(env.secret("SMS_CLIENT_SECRET", SHORTEST_SECRET).expose()),
        tuning,
        ..base
    }
}

/// The secret of this name, or the one tests know: what is not named is not used by the product either.
fn secret_or(env: &mut Env<'_>, name: &str, usual: Secret) -> Secret {
    env.optional_secret(name, SHORTEST_SECRET).map_or(usual, |secret| Secret::new(secret.expose()))
}

fn mtn(env: &mut Env<'_>) -> MtnContract {
    let usual = MtnContract::default();
    MtnContract {
        api_user: env.text_or("MTN_API_USER", &usual.api_user),
        api_key: secret_or(env, "MTN_API_KEY", usual.api_key),
        collection_key: secret_or(env, "MTN_COLLECTION_KEY", usual.collection_key),
        disbursement_key: secret_or(env, "MTN_DISBURSEMENT_KEY", usual.disbursement_key),
        target_environment: env.text_or("MTN_TARGET_ENVIRONMENT", &usual.target_environment),
        callback_host: None,
    }
}

fn orange(env: &mut Env<'_>) -> OrangeContract {
    let usual = OrangeContract::default();
    OrangeContract {
        country: env.text_or("ORANGE_COUNTRY", &usual.country),
        client_id: env.text_or("ORANGE_CLIENT_ID", &usual.client_id),
        client_secret: secret_or(env, "ORANGE_CLIENT_SECRET", usual.client_secret),
        merchant_key: secret_or(env, "ORANGE_MERCHANT_KEY", usual.merchant_key),
    }
}

fn stripe(env: &mut Env<'_>) -> StripeContract {
    let usual = StripeContract::default();
    let webhook_secrets = match env.optional("STRIPE_WEBHOOK_SECRETS") {
        Some(_) => env.secrets("STRIPE_WEBHOOK_SECRETS", SHORTEST_SECRET),
        None => Vec::new(),
    };
    let webhook_secrets: Vec<Secret> = webhook_secrets.iter().map(|secret| Secret::new(secret.expose())).collect();
    StripeContract {
        secret_key: secret_or(env, "STRIPE_SECRET_KEY", usual.secret_key),
        webhook_secrets: if webhook_secrets.is_empty() { usual.webhook_secrets } else { webhook_secrets },
    }
}

fn web_address(text: &str) -> Result<String, String> {
    let is_web = text.starts_with("http://") || text.starts_with("https://");
    if is_web { Ok(text.to_owned()) } else { Err("expected an http address".to_owned()) }
}

/// The JSON itself, or the path of a file that holds it.
fn push_project(text: &str) -> Result<PushProject, String> {
    if text.trim_start().starts_with('{') {
        return PushProject::read(text);
    }
    let file = std::fs::read_to_string(text).map_err(|error| format!("the file cannot be read: {error}"))?;
    PushProject::read(&file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service_account::ServiceAccount;

    #[test]
    fn a_start_without_secrets_is_refused_with_every_name() {
        let mut env = Env::new(|_| None);
        let settings = read(&mut env);
        let problems = env.finish(settings).expect_err("nothing is set");
        let names: Vec<_> = problems.0.iter().map(|problem| problem.name.as_str()).collect();
        let needed =
            ["WAVE_API_KEY", "WAVE_WEBHOOK_SECRETS", "FCM_SERVICE_ACCOUNT", "SMS_CLIENT_ID", "SMS_CLIENT_SECRET"];
        assert_eq!(names, needed);
    }

    #[test]
    fn a_service_account_is_read_and_only_its_public_side_is_kept() {
        let json = ServiceAccount::for_tests("http://sandbox:8090/token").to_json();
        let project = push_project(&json).expect("a service account");
        assert_eq!(project.token_uri.as_deref(), Some("http://sandbox:8090/token"));
        assert!(!format!("{project:?}").contains("PRIVATE"));
        assert!(push_project("{}").is_err());
        assert!(push_project("/no/such/file").is_err());
    }
}
