//! The product under test: real processes over a database of their own, the sandbox as every provider.

use chrono::TimeDelta;
use harness::{TestApp, programs::Program};
use sqlx::PgPool;
use std::time::Duration;

/// Everything but the workers, which the case starts and kills.
pub struct Stage {
    pub app: TestApp,
    /// For looking, apart from those the product uses.
    pub eyes: PgPool,
    environment: Vec<(&'static str, String)>,
    others: Vec<Program>,
}

impl Stage {
    pub async fn set() -> Self {
        let mut app = TestApp::start().await;
        let api = app.serve_from_process().await;
        let environment = app.environment();
        let scheduler = Program::start("scheduler", "teranga-scheduler", &environment, &[]);
        let eyes = app.database.owner().await;
        Self { app, eyes, environment, others: vec![api, scheduler] }
    }

    pub fn worker(&self, name: &str) -> Program {
        Program::start(name, "teranga-worker", &self.environment, &["--concurrency", "4"])
    }

    /// Moves business time ahead, ours and the provider's.
    pub async fn advance(&self, by: Duration) {
        self.app.advance(TimeDelta::from_std(by).unwrap()).await;
        let seconds = i64::try_from(by.as_secs()).unwrap();
        self.app.wave.knobs().tune(|tuning| tuning.clock_offset_seconds += seconds);
    }

    /// One number, with the organization as `$1`.
    pub async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).bind(self.app.org.0).fetch_one(&self.eyes).await.unwrap()
    }

    pub async fn strike(self) {
        for program in self.others {
            program.kill().await;
        }
        self.eyes.close().await;
        self.app.release();
    }
}
