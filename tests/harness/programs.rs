//! The product's programs as real processes, for what only a process can show: being killed, and being measured.

use crate::{
    app::{CODES, DATA_KEY, JWT_SECRET, OLD_WEBHOOK_SECRET, TestApp, WEBHOOK_SECRET},
    process::binary,
};
use std::{
    fs::{self, File},
    net::TcpListener,
    path::PathBuf,
    process::Stdio,
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

/// A port nobody listens on now.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).expect("a free port").port()
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

    /// Puts a real `teranga-api` before this product: from now on clients and the provider's webhooks go there.
    pub async fn serve_from_process(&mut self) -> Program {
        let listen = format!("127.0.0.1:{}", free_port());
        let mut environment = self.environment();
        environment.push(("API_LISTEN", listen.clone()));
        let mut program = Program::start("api", "teranga-api", &environment, &[]);
        self.base = format!("http://{listen}");
        let webhook = format!("{}/api/v1/webhooks/wave/{}", self.base, self.account);
        self.wave.knobs().tune(|tuning| tuning.webhook_url = Some(webhook));
        for _ in 0..150 {
            let ready = self.client.get(format!("{}/health/ready", self.base)).send().await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return program;
            }
            assert!(!program.ended(), "teranga-api ended: see {}", log_of("api").display());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("teranga-api does not get ready: see {}", log_of("api").display());
    }
}
