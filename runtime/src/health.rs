//! The routes an operator's machinery asks: is it alive, may it have traffic, how is it doing?

use std::collections::BTreeMap;
use std::fmt::Display;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

/// A check slower than this counts as failed: a probe wants an answer, not a wait.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

type Checked = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

#[derive(Clone)]
struct Check {
    name: &'static str,
    run: Arc<dyn Fn() -> Checked + Send + Sync>,
}

/// What must hold before a process takes traffic.
#[derive(Clone)]
pub struct Health {
    checks: Vec<Check>,
    stopping: CancellationToken,
}

impl Health {
    /// No checks yet. Once `stopping` is cancelled the process reports itself not ready, so that a
    /// load balancer turns away while work in hand is finished.
    #[must_use]
    pub fn new(stopping: CancellationToken) -> Self {
        Self { checks: Vec::new(), stopping }
    }

    /// Adds a check. Its error is logged; only its name is told to whoever asks.
    #[must_use]
    pub fn check<F, E>(mut self, name: &'static str, run: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Display,
    {
        let run = Arc::new(move || -> Checked {
            let running = run();
            Box::pin(async move { running.await.map_err(|error| error.to_string()) })
        });
        self.checks.push(Check { name, run });
        self
    }

    /// Adds the check `database`: a connection is free and answers.
    #[must_use]
    pub fn database(self, pool: PgPool) -> Self {
        self.check("database", move || {
            let pool = pool.clone();
            async move { sqlx::query("select 1").execute(&pool).await.map(drop) }
        })
    }

    /// The routes `/health`, `/health/live`, `/health/ready` and `/metrics`.
    pub fn router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        Router::new()
            .route("/health", get(async || "ok\n"))
            .route("/health/live", get(live))
            .route("/health/ready", get(ready))
            .route("/metrics", get(metrics))
            .with_state(self)
    }

    async fn report(&self) -> Report {
        let mut running = tokio::task::JoinSet::new();
        for check in self.checks.clone() {
            running.spawn(async move { (check.name, outcome(&check).await) });
        }
        // Failed until it reports, so that a check that panics is a failed one.
        let mut checks: BTreeMap<_, _> = self.checks.iter().map(|check| (check.name, "failed")).collect();
        while let Some(reported) = running.join_next().await {
            checks.extend(reported.ok());
        }
        checks.insert("process", if self.stopping.is_cancelled() { "stopping" } else { OK });
        let not_ready: Vec<_> = checks.iter().filter(|(_, word)| **word != OK).map(|(name, _)| *name).collect();
        let status = if not_ready.is_empty() { "ready" } else { "not_ready" };
        Report { status, not_ready, checks }
    }
}

/// The word of a check that passed.
const OK: &str = "ok";

#[derive(Serialize)]
struct Report {
    status: &'static str,
    not_ready: Vec<&'static str>,
    checks: BTreeMap<&'static str, &'static str>,
}

async fn outcome(check: &Check) -> &'static str {
    match tokio::time::timeout(CHECK_TIMEOUT, (check.run)()).await {
        Ok(Ok(())) => OK,
        Ok(Err(error)) => {
            tracing::warn!(check = check.name, error, "not ready");
            "failed"
        }
        Err(_) => {
            tracing::warn!(check = check.name, "not ready: no answer in time");
            "timed out"
        }
    }
}

async fn live() -> impl IntoResponse {
    Json(BTreeMap::from([("status", "live")]))
}

async fn ready(State(health): State<Health>) -> impl IntoResponse {
    let report = health.report().await;
    let status = if report.not_ready.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(report))
}

async fn metrics() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], crate::metrics::render())
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    async fn ask(health: Health, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let response = health.router::<()>().with_state(()).oneshot(request).await.expect("infallible");
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        (status, String::from_utf8(body.to_vec()).expect("text"))
    }

    #[tokio::test]
    async fn ready_names_what_is_not_and_keeps_the_reason_to_the_log() {
        let health = Health::new(CancellationToken::new())
            .check("queue", async || Ok::<_, String>(()))
            .check("provider", async || Err("password wrong for teranga_service"))
            .check("broken", async || if true { panic!("a bug in a check") } else { Ok::<_, String>(()) });
        let (status, body) = ask(health, "/health/ready").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(body.contains(r#""not_ready":["broken","provider"]"#), "{body}");
        assert!(!body.contains("password"), "{body}");
    }

    #[tokio::test]
    async fn a_check_that_hangs_is_not_waited_for() {
        let health = Health::new(CancellationToken::new())
            .check("stuck", async || std::future::pending::<Result<(), String>>().await);
        let (status, body) = ask(health, "/health/ready").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(body.contains(r#""stuck":"timed out""#), "{body}");
    }

    #[tokio::test]
    async fn a_stopping_process_is_alive_but_not_ready() {
        let stopping = CancellationToken::new();
        let health = Health::new(stopping.clone());
        assert_eq!(ask(health.clone(), "/health/ready").await.0, StatusCode::OK);
        stopping.cancel();
        assert_eq!(ask(health.clone(), "/health/ready").await.0, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(ask(health.clone(), "/health/live").await, (StatusCode::OK, r#"{"status":"live"}"#.to_owned()));
        assert_eq!(ask(health, "/health").await, (StatusCode::OK, "ok\n".to_owned()));
    }
}
