//! What the door needs to know, read once at start; every problem is reported together.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use integrations::{Secret, payments::CallbackKeys};
use runtime::{Process, env::Env, pool::PoolSettings};
use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

/// How long an access token is good for (CX6).
pub const ACCESS_TOKEN_LIFE: Duration = Duration::from_secs(15 * 60);

/// The provider account every deployment holds unless it says otherwise; the prefix of its variables.
const DEFAULT_SECRET_REF: &str = "WAVE";

/// Everything `teranga-api serve` reads from its environment.
#[derive(Clone)]
pub struct ApiConfig {
    /// Logs, environment and grace period.
    pub process: Process,
    /// The database login and how many connections.
    pub pool: PoolSettings,
    /// Where to listen.
    pub listen: SocketAddr,
    /// How clients reach us, without a trailing slash, e.g. `https://api.example.org`.
    pub public_url: String,
    /// Browser origins that may call us (T10); none by default.
    pub cors_origins: Vec<HeaderValue>,
    /// Signs access tokens (CX6).
    pub jwt_secret: Secret,
    /// Signs check-in codes and one-time codes.
    pub access_code_secret: Secret,
    /// Seals columns at rest (W6).
    pub data_keys: Vec<[u8; 32]>,
    /// Requests a minute per address and per person; 0 switches the limit off (T9).
    pub rate_limit_per_minute: u32,
    /// Requests a minute per address under `/auth`; 0 switches the limit off (CX30).
    pub auth_rate_limit_per_minute: u32,
    /// How many proxies of ours stand before us: so many entries of `X-Forwarded-For` are believed.
    pub trusted_proxies: usize,
    /// What provider webhooks prove themselves with.
    pub webhooks: WebhookSecrets,
    /// What the addresses of unsigned callbacks are made with (PROVIDERS §9.1).
    pub callback_keys: CallbackKeys,
}

impl ApiConfig {
    /// The host of `public_url`, without its port: below it, `slug.host` names an organization (CX10).
    #[must_use]
    pub fn public_host(&self) -> &str {
        let after_scheme = self.public_url.split_once("://").map_or("", |(_, rest)| rest);
        after_scheme.split([':', '/']).next().unwrap_or_default()
    }

    /// Reads the environment; problems are kept in `env`.
    pub fn read(env: &mut Env<'_>) -> Self {
        Self {
            process: Process::read(env),
            pool: PoolSettings::read(env),
            listen: env.value_or("API_LISTEN", SocketAddr::from(([0, 0, 0, 0], 8080))),
            public_url: env.required_as("PUBLIC_URL", url).unwrap_or_default(),
            cors_origins: origins(env),
            jwt_secret: secret(env, "JWT_SECRET"),
            access_code_secret: secret(env, "ACCESS_CODE_SECRET"),
            data_keys: data_keys(env),
            rate_limit_per_minute: env.value_or("RATE_LIMIT_PER_MINUTE", 60),
            auth_rate_limit_per_minute: env.value_or("AUTH_RATE_LIMIT_PER_MINUTE", 10),
            trusted_proxies: env.value_or("TRUSTED_PROXIES", 0),
            webhooks: WebhookSecrets::read(env),
            callback_keys: callback_keys(env, false),
        }
    }
}

/// The webhook secrets of each provider account, by the account's `secret_ref`: the current one first, then those
/// still accepted during a rotation (J10).
#[derive(Clone, Debug, Default)]
pub struct WebhookSecrets(BTreeMap<String, Vec<Secret>>);

impl WebhookSecrets {
    /// Reads the default account's secrets, if there are any. Which ones must be there, the database says later.
    fn read(env: &mut Env<'_>) -> Self {
        let mut secrets = Self::default();
        if env.optional(&variable(DEFAULT_SECRET_REF)).is_some() {
            secrets.add(env, DEFAULT_SECRET_REF);
        }
        secrets
    }

    /// Secrets that are known already, for programs that start the door in-process.
    #[must_use]
    pub fn of(accounts: impl IntoIterator<Item = (String, Vec<Secret>)>) -> Self {
        Self(accounts.into_iter().collect())
    }

    /// Reads the secrets of every account the database names; a missing one is a problem (PROVIDERS §0).
    pub fn require(&mut self, env: &mut Env<'_>, refs: impl IntoIterator<Item = String>) {
        for secret_ref in refs {
            if !self.0.contains_key(&secret_ref) {
                self.add(env, &secret_ref);
            }
        }
    }

    /// The secrets of one account.
    #[must_use]
    pub fn to(&self, secret_ref: &str) -> Option<&[Secret]> {
        self.0.get(secret_ref).map(Vec::as_slice)
    }

    fn add(&mut self, env: &mut Env<'_>, secret_ref: &str) {
        let secrets = env.secrets(&variable(secret_ref), 16);
        self.0.insert(secret_ref.to_owned(), secrets.iter().map(|secret| Secret::new(secret.expose())).collect());
    }
}

/// `CALLBACK_KEYS`: the current first, then those that made addresses still in use. `required` once the database names
/// an account whose callbacks nobody signs.
pub(crate) fn callback_keys(env: &mut Env<'_>, required: bool) -> CallbackKeys {
    if !required && env.optional("CALLBACK_KEYS").is_none() {
        return CallbackKeys::default();
    }
    let keys = env.secrets("CALLBACK_KEYS", 32);
    CallbackKeys::new(keys.iter().map(|key| Secret::new(key.expose())).collect())
}

fn variable(secret_ref: &str) -> String {
    format!("{secret_ref}_WEBHOOK_SECRETS")
}

fn secret(env: &mut Env<'_>, name: &str) -> Secret {
    Secret::new(env.secret(name, 32).expose())
}

/// Reads `DATA_KEY`: the current key, then those that still open what they sealed; 32 bytes in base64 each.
fn data_keys(env: &mut Env<'_>) -> Vec<[u8; 32]> {
    let decode = |key: &runtime::Secret| STANDARD.decode(key.expose()).ok().and_then(|bytes| bytes.try_into().ok());
    let keys: Vec<Option<[u8; 32]>> = env.secrets("DATA_KEY", 1).iter().map(decode).collect();
    if keys.contains(&None) {
        env.problem("DATA_KEY", "expected 32 bytes in base64, or several such with commas between them");
    }
    keys.into_iter().flatten().collect()
}

fn url(text: &str) -> Result<String, String> {
    let web = text.starts_with("https://") || text.starts_with("http://");
    if web && text.parse::<http::Uri>().is_ok() {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err("expected an http(s):// URL".to_owned())
    }
}

fn origins(env: &mut Env<'_>) -> Vec<HeaderValue> {
    let mut origins = Vec::new();
    for origin in env.list("CORS_ORIGINS") {
        // An origin is a scheme and a host, nothing more; `*` would let every site act for a signed-in person.
        let bare = url(&origin).is_ok_and(|read| read == origin && origin.matches('/').count() == 2);
        match HeaderValue::from_str(&origin) {
            Ok(value) if bare => origins.push(value),
            _ => env.problem("CORS_ORIGINS", "holds something that is not an origin such as https://app.example.org"),
        }
    }
    origins
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 5] = [
        ("DATABASE_URL", "postgres://teranga@localhost/teranga"),
        ("PUBLIC_URL", "http://localhost:8080/"),
        ("JWT_SECRET", "0123456789abcdef0123456789abcdef"),
        ("ACCESS_CODE_SECRET", "0123456789abcdef0123456789abcdef"),
        ("DATA_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ];

    fn read(changes: &[(&str, &str)]) -> Result<ApiConfig, Vec<String>> {
        let all: BTreeMap<_, _> = GOOD.into_iter().chain(changes.iter().copied()).collect();
        let mut env = Env::new(|name| all.get(name).map(|value| (*value).to_owned()));
        let config = ApiConfig::read(&mut env);
        env.finish(config).map_err(|problems| problems.0.into_iter().map(|problem| problem.name).collect())
    }

    #[test]
    fn a_usable_environment_is_read_with_its_defaults() {
        let config =
            read(&[("CORS_ORIGINS", "https://app.test,http://localhost:3000")]).unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!((config.public_url.as_str(), config.public_host()), ("http://localhost:8080", "localhost"));
        assert_eq!((config.rate_limit_per_minute, config.auth_rate_limit_per_minute), (60, 10));
        assert_eq!(config.cors_origins.len(), 2);
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let problems = read(&[
            ("PUBLIC_URL", "localhost"),
            ("CORS_ORIGINS", "*"),
            ("JWT_SECRET", "short"),
            ("DATA_KEY", "AAAA"),
            ("WAVE_WEBHOOK_SECRETS", "short"),
        ]);
        let expected = ["PUBLIC_URL", "CORS_ORIGINS", "JWT_SECRET", "DATA_KEY", "WAVE_WEBHOOK_SECRETS"];
        assert_eq!(problems.err().unwrap_or_default(), expected);
    }

    #[test]
    fn an_account_without_secrets_stops_the_start() {
        let mut config = read(&[]).unwrap_or_else(|e| panic!("{e:?}"));
        let mut env = Env::new(|_| None);
        config.webhooks.require(&mut env, ["WAVE_CI".to_owned()]);
        assert_eq!(env.finish(()).unwrap_err().0[0].name, "WAVE_CI_WEBHOOK_SECRETS");
    }
}
