//! Where a case plays: a database of its own, the sandbox as every provider, a clock that can be moved.

use chrono::TimeDelta;
use harness::TestApp;
use sqlx::{AssertSqlSafe, PgPool};
use std::time::Duration;

/// Everything but the programs.
pub struct Stage {
    pub app: TestApp,
    /// For looking, apart from those the product uses.
    pub eyes: PgPool,
}

impl Stage {
    pub async fn set() -> Self {
        Self::around(TestApp::start().await).await
    }

    /// With an account at every provider.
    pub async fn with_every_provider() -> Self {
        Self::around(TestApp::with_every_provider().await).await
    }

    async fn around(app: TestApp) -> Self {
        let eyes = app.database.owner().await;
        Self { app, eyes }
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

    /// Statements of the case itself, as the owner.
    pub async fn prepare(&self, sql: String) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.eyes).await.unwrap();
    }

    /// Leaves the database for somebody to look into. Answers its name.
    pub fn keep(&mut self) -> &str {
        self.app.database.keep()
    }

    pub async fn strike(self) {
        self.eyes.close().await;
        self.app.release();
    }
}
