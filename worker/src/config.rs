//! What the carriers need to know, read once at start; every problem is reported together.

use crate::{
    carry::Queue,
    env::{EnvSettings, HistoryDays},
    limits,
    messages::MessageSettings,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use integrations::payments::ProviderSettings;
use runtime::{Environment, Process, Secret, env::Env, pool::PoolSettings};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

/// Jobs of one queue at a time, unless told otherwise.
const CONCURRENCY: usize = 8;

/// Everything `teranga-worker` reads from its environment and its command line.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// Logs, environment and grace period.
    pub process: Process,
    /// The database login and how many connections.
    pub pool: PoolSettings,
    /// Where health and metrics listen.
    pub listen: SocketAddr,
    /// Which queues to carry; at least one.
    pub queues: BTreeSet<Queue>,
    /// Jobs of each queue at a time; at least 1.
    pub concurrency: usize,
    /// At most so many jobs of a kind at once for an organization, over all workers told the same.
    pub limits: Vec<queue::Limit>,
    /// How long it is remembered how jobs ended.
    pub history: HistoryDays,
    /// Signs check-in codes and one-time codes.
    pub access_code_secret: Secret,
    /// Seals columns at rest (W6).
    pub data_keys: Vec<[u8; 32]>,
    messages: Option<MessageSettings>,
}

impl WorkerConfig {
    /// Reads the environment and the arguments after the program's name; an argument beats its variable. Problems are
    /// kept in `env`. Message settings are needed only where messages are carried.
    pub fn read(env: &mut Env<'_>, arguments: impl IntoIterator<Item = String>) -> Self {
        let flags = flags(env, arguments);
        let process = Process::read(env);
        let pool = PoolSettings::read(env);
        let queues = queues(env, &flags);
        let messages = queues.contains(&Queue::Notifications);
        Self {
            listen: env.value_or("WORKER_LISTEN", SocketAddr::from(([0, 0, 0, 0], 8081))),
            concurrency: concurrency(env, &flags),
            limits: limits::read(env),
            history: history(env),
            access_code_secret: env.secret("ACCESS_CODE_SECRET", 32),
            data_keys: data_keys(env),
            messages: if messages { MessageSettings::read(env, process.environment) } else { None },
            process,
            pool,
            queues,
        }
    }

    /// Whom the carriers speak with.
    #[must_use]
    pub fn env_settings(&self, providers: Vec<ProviderSettings>) -> EnvSettings {
        let history = self.history;
        match self.messages.clone() {
            Some(MessageSettings { push, sms, mail }) => {
                EnvSettings { providers, push: Some(push), sms: Some(sms), mail: Some(mail), history }
            }
            None => EnvSettings { providers, history, ..EnvSettings::default() },
        }
    }
}

const QUEUES: (&str, &str) = ("--queues", "WORKER_QUEUES");
const CONCURRENT: (&str, &str) = ("--concurrency", "WORKER_CONCURRENCY");

/// What the command line says, by flag: `--queues a,b` or `--queues=a,b`.
fn flags(env: &mut Env<'_>, arguments: impl IntoIterator<Item = String>) -> BTreeMap<String, String> {
    let mut flags = BTreeMap::new();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (flag, value) = match argument.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (argument, arguments.next()),
        };
        match value {
            _ if ![QUEUES.0, CONCURRENT.0].contains(&flag.as_str()) => {
                env.problem(&flag, format!("is not one of {}, {}", QUEUES.0, CONCURRENT.0));
            }
            None => env.problem(&flag, "needs a value"),
            Some(value) => drop(flags.insert(flag, value)),
        }
    }
    flags
}

fn queues(env: &mut Env<'_>, flags: &BTreeMap<String, String>) -> BTreeSet<Queue> {
    let (name, chosen) = match flags.get(QUEUES.0) {
        Some(list) => (QUEUES.0, list.split(',').map(|name| name.trim().to_owned()).collect()),
        None => (QUEUES.1, env.list(QUEUES.1)),
    };
    if chosen.is_empty() {
        return Queue::ALL.into();
    }
    let mut queues = BTreeSet::new();
    for queue in &chosen {
        match queue.parse::<Queue>() {
            Ok(queue) => drop(queues.insert(queue)),
            Err(why) => env.problem(name, format!("holds {queue:?}: {why}")),
        }
    }
    queues
}

fn concurrency(env: &mut Env<'_>, flags: &BTreeMap<String, String>) -> usize {
    let (name, concurrency) = match flags.get(CONCURRENT.0) {
        Some(text) => (CONCURRENT.0, text.parse().unwrap_or(0)),
        None => (CONCURRENT.1, env.value_or(CONCURRENT.1, CONCURRENCY)),
    };
    if concurrency == 0 {
        env.problem(name, "must be a number, at least 1");
    }
    concurrency
}

fn history(env: &mut Env<'_>) -> HistoryDays {
    let days = env.value_or("HISTORY_DAYS", HistoryDays::default().0);
    if !(1..=3_650).contains(&days) {
        env.problem("HISTORY_DAYS", "must be from 1 to 3650");
    }
    HistoryDays(days)
}

fn data_keys(env: &mut Env<'_>) -> Vec<[u8; 32]> {
    let decode = |key: &Secret| STANDARD.decode(key.expose()).ok().and_then(|bytes| bytes.try_into().ok());
    let keys: Vec<Option<[u8; 32]>> = env.secrets("DATA_KEY", 1).iter().map(decode).collect();
    if keys.contains(&None) {
        env.problem("DATA_KEY", "expected 32 bytes in base64, or several such with commas between them");
    }
    keys.into_iter().flatten().collect()
}

/// An address that secrets are sent to: encrypted, except on a developer's machine.
pub(crate) fn service_url(env: &mut Env<'_>, name: &str, default: &str, environment: Environment) -> String {
    let url = env.text_or(name, default);
    let plain = environment == Environment::Development && url.starts_with("http://");
    if !plain && !url.starts_with("https://") {
        env.problem(name, "must begin with https://");
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 4] = [
        ("DATABASE_URL", "postgres://teranga@localhost/teranga"),
        ("ACCESS_CODE_SECRET", "0123456789abcdef0123456789abcdef"),
        ("DATA_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("WORKER_QUEUES", "payments, maintenance"),
    ];

    fn read(changes: &[(&str, &str)], arguments: &[&str]) -> Result<WorkerConfig, Vec<String>> {
        let all: BTreeMap<_, _> = GOOD.into_iter().chain(changes.iter().copied()).collect();
        let mut env = Env::new(|name| all.get(name).map(|value| (*value).to_owned()));
        let config = WorkerConfig::read(&mut env, arguments.iter().map(|argument| (*argument).to_owned()));
        env.finish(config).map_err(|problems| problems.0.into_iter().map(|problem| problem.name).collect())
    }

    #[test]
    fn variables_choose_queues_and_room() {
        let config = read(&[("WORKER_CONCURRENCY", "3")], &[]).unwrap();
        assert_eq!(config.queues, BTreeSet::from([Queue::Payments, Queue::Maintenance]));
        assert_eq!(config.concurrency, 3);
        assert!(config.messages.is_none(), "who carries no messages needs no message settings");
    }

    #[test]
    fn the_command_line_beats_the_variables() {
        let config = read(&[("WORKER_CONCURRENCY", "3")], &["--queues", "reservations", "--concurrency=16"]).unwrap();
        assert_eq!(config.queues, BTreeSet::from([Queue::Reservations]));
        assert_eq!(config.concurrency, 16);
    }

    #[test]
    fn limits_and_days_are_read_and_slips_are_told() {
        let org = "7f1f0d0e-5d0c-4b53-9d0a-3f6f2c1b0a11";
        let limits = format!("payment.start=4, notification.send@{org}=2");
        let config = read(&[("WORKER_LIMITS", &limits), ("HISTORY_DAYS", "7")], &[]).unwrap();
        let told: Vec<_> = config.limits.iter().map(|limit| (limit.kind.as_str(), limit.running)).collect();
        assert_eq!(told, [("payment.start", 4), ("notification.send", 2)]);
        assert_eq!(config.limits[1].org_id.map(|org| org.to_string()).as_deref(), Some(org));
        assert_eq!(config.history, HistoryDays(7));
        for wrong in [
            "payment.strat=4",
            "payment.start",
            "payment.start=0",
            "payment.start@allocar=1",
            "payment.start=1,payment.start=2",
        ] {
            assert_eq!(read(&[("WORKER_LIMITS", wrong)], &[]).unwrap_err(), ["WORKER_LIMITS"], "{wrong}");
        }
        assert_eq!(read(&[("HISTORY_DAYS", "0")], &[]).unwrap_err(), ["HISTORY_DAYS"]);
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let problems = read(&[("DATA_KEY", "AAAA")], &["--queues=payment", "--concurrency", "0", "--quiet"]);
        assert_eq!(problems.unwrap_err(), ["--quiet", "--queues", "--concurrency", "DATA_KEY"]);
    }

    #[test]
    fn all_queues_need_all_message_settings() {
        let missing = read(&[("WORKER_QUEUES", "")], &[]).unwrap_err();
        let expected =
            ["FCM_SERVICE_ACCOUNT", "SMS_CLIENT_ID", "SMS_CLIENT_SECRET", "SMS_SENDER", "SMTP_URL", "MAIL_FROM"];
        assert_eq!(missing, expected);
    }

    #[test]
    fn secrets_travel_encrypted_outside_development() {
        let url = |environment| {
            let mut env = Env::new(|_| Some("http://sandbox:8090".to_owned()));
            let url = service_url(&mut env, "SMS_API_URL", "https://api.orange.com", environment);
            env.finish(url).ok()
        };
        assert_eq!(url(Environment::Development).as_deref(), Some("http://sandbox:8090"));
        assert_eq!(url(Environment::Production), None);
    }
}
