//! A real worker in a process of its own, to be killed like one.

use crate::app::{CODES, DATA_KEY, TestApp, WEBHOOK_SECRET};
use std::process::{Child, Command, Stdio};

/// A running `teranga-worker` over a test's database; killed with its value.
pub struct WorkerProcess(Child);

impl WorkerProcess {
    pub fn start(app: &TestApp) -> Self {
        let account = app.wave.service_account();
        let child = Command::new(binary("teranga-worker"))
            .env_clear()
            .envs([
                ("ENVIRONMENT", "development"),
                ("LOG", "warn"),
                ("DATABASE_URL", &app.database.service_url()),
                ("DATABASE_POOL", "8"),
                ("WORKER_LISTEN", "127.0.0.1:0"),
                ("WORKER_CONCURRENCY", "4"),
                ("ACCESS_CODE_SECRET", CODES),
                ("DATA_KEY", DATA_KEY),
                ("WAVE_API_URL", &app.wave.url()),
                ("WAVE_API_KEY", "wave_ci_prod_local"),
                ("WAVE_WEBHOOK_SECRETS", WEBHOOK_SECRET),
                ("FCM_SERVICE_ACCOUNT", &account),
                ("FCM_API_URL", &app.wave.url()),
                ("SMS_API_URL", &app.wave.url()),
                ("SMS_CLIENT_ID", "sms-client"),
                ("SMS_CLIENT_SECRET", "sms-secret"),
                ("SMS_SENDER", "tel:+2250000"),
                ("SMTP_URL", &app.wave.smtp_url()),
                ("MAIL_FROM", "AlloCar <no-reply@allocar.test>"),
            ])
            .envs(app.provider_accounts())
            .stdout(Stdio::null())
            .spawn()
            .expect("teranga-worker starts");
        Self(child)
    }

    /// Ends it as a power cut would: SIGKILL, nothing is flushed.
    pub fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl WorkerProcess {
    /// Asks it to leave (SIGTERM) and waits: it finishes what it runs.
    pub fn leave(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()), "the worker lives");
        let left = self.0.wait().expect("the worker ends");
        assert!(left.success(), "left with {left}");
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A program of this workspace, built beside the running test.
pub fn binary(name: &str) -> std::path::PathBuf {
    let test = std::env::current_exe().expect("the test knows where it runs");
    let found = test.ancestors().skip(1).map(|dir| dir.join(name)).find(|program| program.is_file());
    found.unwrap_or_else(|| panic!("{name} is not built: `make test` does, or `cargo build --workspace`"))
}
