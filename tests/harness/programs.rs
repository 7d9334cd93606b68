//! The product's programs as real processes, for what only a process can show: being killed, and being measured.

use crate::{
    app::{CALLBACK_KEY, CODES, DATA_KEY, JWT_SECRET, OLD_WEBHOOK_SECRET, TestApp, WEBHOOK_SECRET},
    process::binary,
};
use std::{
    fs::{self, File},
    net::TcpListener,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};
use tokio::process::{Child, Command};

/// A running program; killed with its value.
pub struct Program {
    pub name: String,
    pub pid: u32,
    child: Child,
}

impl Program {
    /// Starts a program that stands beside this one. What it says goes to [`log_of`] its `name`.
    pub fn start(name: &str, program: &str, environment: &[(&'static str, String)], arguments: &[&str]) -> Self {
        let log = File::options().create(true).append(true).open(log_of(name)).expect("a log beside the programs");
        let path = binary(program);
        let child = Command::new(&path)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be started ({error}); build it first", path.display()));
        let pid = child.id().expect("it was just started");
        Self { name: name.to_owned(), pid, child }
    }

    /// Ends it as a power cut would (`kill -9`) and waits until it is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it was ours");
    }

    /// Asks it to leave (SIGTERM) and waits; `None` when it had not left in time and was killed.
    pub async fn leave(mut self, patience: Duration) -> Option<ExitStatus> {
        self.signal("TERM").await;
        let left = tokio::time::timeout(patience, self.child.wait()).await.ok();
        left.map(|ended| ended.expect("it was ours"))
    }

    /// Sends it a signal by its name, such as STOP.
    pub async fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.pid.to_string()]).status().await;
        assert!(sent.is_ok_and(|status| status.success()), "{} does not live", self.name);
    }

    /// Whether it ended by itself.
    pub fn ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

/// Where a program writes what it says.
pub fn log_of(name: &str) -> PathBuf {
    let logs = beside("logs");
    fs::create_dir_all(&logs).expect("a directory for logs");
    logs.join(format!("{name}-{}.log", std::process::id()))
}

fn beside(name: &str) -> PathBuf {
    std::env::current_exe().expect("this program has a path").parent().expect("in a directory").join(name)
}

/// A port nobody listens on, another one each time. It lies below those that outgoing connections are lent, so that a
/// program that was killed finds it free when it comes back.
pub fn free_port() -> u16 {
    static NEXT: OnceLock<AtomicU16> = OnceLock::new();
    let next = NEXT.get_or_init(|| AtomicU16::new(rand::random_range(30_000..32_000)));
    let mut ports = (0..700).map(|_| next.fetch_add(1, Ordering::Relaxed));
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}

impl TestApp {
    /// What every program needs to be part of this product.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let wave = &self.wave;
        vec![
            ("DATABASE_URL", self.database.service_url()),
            ("DATABASE_POOL", "20".into()),
            ("ENVIRONMENT", "development".into()),
            ("LOG", "warn".into()),
            ("PUBLIC_URL", "https://api.allocar.test".into()),
            ("JWT_SECRET", JWT_SECRET.into()),
            ("ACCESS_CODE_SECRET", CODES.into()),
            ("DATA_KEY", DATA_KEY.into()),
            ("RATE_LIMIT_PER_MINUTE", "0".into()),
            ("AUTH_RATE_LIMIT_PER_MINUTE", "0".into()),
            ("WORKER_LISTEN", "127.0.0.1:0".into()),
            ("SCHEDULER_LISTEN", "127.0.0.1:0".into()),
            ("WAVE_API_URL", wave.url()),
            ("WAVE_API_KEY", "wave_ci_prod_local".into()),
            ("WAVE_WEBHOOK_SECRETS", format!("{WEBHOOK_SECRET},{OLD_WEBHOOK_SECRET}")),
            ("FCM_SERVICE_ACCOUNT", wave.service_account()),
            ("FCM_API_URL", wave.url()),
            ("SMS_API_URL", wave.url()),
            ("SMS_CLIENT_ID", wave.settings().sms_client_id.clone()),
            ("SMS_CLIENT_SECRET", wave.settings().sms_client_secret.expose().into()),
            ("SMS_SENDER", "tel:+2250000".into()),
            ("SMTP_URL", wave.smtp_url()),
            ("MAIL_FROM", "Teranga <no-reply@teranga.test>".into()),
        ]
    }

    /// The same for a worker that speaks with every provider; their callbacks come to the door of this product.
    pub fn environment_of_providers(&self) -> Vec<(&'static str, String)> {
        let mut environment = self.environment();
        environment.retain(|(name, _)| *name != "PUBLIC_URL");
        environment.extend(self.provider_accounts());
        environment
    }

    /// What a worker needs to speak with the providers beside Wave.
    pub fn provider_accounts(&self) -> Vec<(&'static str, String)> {
        let (url, settings) = (self.wave.url(), self.wave.settings());
        let (mtn, orange, card, sonatel) = (&settings.mtn, &settings.orange, &settings.stripe, &settings.sonatel);
        vec![
            ("PUBLIC_URL", self.base.clone()),
            ("CALLBACK_KEYS", CALLBACK_KEY.into()),
            ("MTN_API_URL", url.clone()),
            ("MTN_TARGET_ENVIRONMENT", mtn.target_environment.clone()),
            ("MTN_API_USER", mtn.api_user.clone()),
            ("MTN_API_KEY", mtn.api_key.expose().into()),
            ("MTN_COLLECTION_KEY", mtn.collection_key.expose().into()),
            ("MTN_DISBURSEMENT_KEY", mtn.disbursement_key.expose().into()),
            ("ORANGE_API_URL", url.clone()),
            ("ORANGE_COUNTRY", orange.country.clone()),
            ("ORANGE_CLIENT_ID", orange.client_id.clone()),
            ("ORANGE_CLIENT_SECRET", orange.client_secret.expose().into()),
            ("ORANGE_MERCHANT_KEY", orange.merchant_key.expose().into()),
            ("ORANGE_MERCHANT_NAME", "AlloCar".into()),
            ("STRIPE_API_URL", format!("{url}/stripe")),
            ("STRIPE_SECRET_KEY", card.secret_key.expose().into()),
            ("STRIPE_MERCHANT_NAME", "AlloCar".into()),
            ("SONATEL_API_URL", format!("{url}/sonatel")),
            ("SONATEL_CLIENT_ID", sonatel.client_id.clone()),
            ("SONATEL_CLIENT_SECRET", sonatel.client_secret.expose().into()),
            ("SONATEL_MERCHANT_CODE", sonatel.merchant_code.clone()),
            ("SONATEL_MERCHANT_NAME", "AlloCar".into()),
        ]
    }

    /// Puts a real `teranga-api` before this product: from now on clients and the provider's webhooks go there.
    pub async fn serve_from_process(&mut self) -> Program {
        let listen = format!("127.0.0.1:{}", free_port());
        let mut environment = self.environment();
        environment.push(("API_LISTEN", listen.clone()));
        let mut program = Program::start("api", "teranga-api", &environment, &[]);
        self.serve_from(&format!("http://{listen}"));
        ready(&mut program, &self.base).await;
        program
    }

    /// From now on clients and the provider's webhooks go to this address.
    pub fn serve_from(&mut self, base: &str) {
        self.base = base.to_owned();
        let webhook = format!("{base}/api/v1/webhooks/wave/{}", self.account);
        self.wave.knobs().tune(|tuning| tuning.webhook_url = Some(webhook));
    }
}

/// Waits until a program that answers probes at this address may be used.
pub async fn ready(program: &mut Program, base: &str) {
    for _ in 0..600 {
        let answer = reqwest::get(format!("{base}/health/ready")).await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        assert!(!program.ended(), "{} ended: see {}", program.name, log_of(&program.name).display());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} does not get ready: see {}", program.name, log_of(&program.name).display());
}
