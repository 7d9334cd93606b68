//! The doors: parse, run one operation, commit, answer (docs/ARCHITECTURE.md §1).
//!
//! [`router`] is the whole HTTP surface. `teranga-api serve` listens with it; tests call it in-process.

pub mod accounts;
pub mod caller;
pub mod commands;
pub mod conditions;
pub mod config;
pub mod cookie;
pub mod envelope;
pub mod error;
pub mod extract;
pub mod gather;
pub mod middleware;
pub mod openapi;
pub mod routes;
pub mod seed_paths;
pub mod tokens;

use crate::{accounts::Accounts, config::ApiConfig, gather::Gatherer, middleware::limits::Limits, tokens::Tokens};
use axum::{Router, middleware::from_fn};
use domain::{db::Db, keys::Keys, operations::Watch};
use runtime::{CancellationToken, health::Health};
use sqlx::PgPool;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Everything a route may need. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The only way to the database.
    pub db: Db,
    /// What was read at start.
    pub config: Arc<ApiConfig>,
    /// Hears that operations ended.
    pub watch: Watch,
    /// Makes and checks access tokens.
    pub tokens: Arc<Tokens>,
    /// Counts requests.
    pub limits: Arc<Limits>,
    /// Knows which organization a provider account belongs to.
    pub accounts: Arc<Accounts>,
    /// Stores verified webhooks.
    pub gatherer: Gatherer,
    /// Passwords hashed at one time: each takes a core and some memory for a while.
    pub hashing: Arc<Semaphore>,
    /// Cancelled when the process is asked to stop: who waits is answered then.
    pub stopping: CancellationToken,
    health: Health,
}

impl App {
    /// The door over an open pool. Starts its background tasks on the current runtime; they end with the last clone.
    /// Once `stopping` is cancelled the door reports itself not ready.
    #[must_use]
    pub fn start(config: ApiConfig, pool: PgPool, stopping: CancellationToken) -> Self {
        let keys = Keys::new(&config.data_keys, config.access_code_secret.expose().as_bytes());
        let db = Db::start(pool.clone(), Some(Arc::new(keys)));
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            watch: Watch::start(pool.clone()),
            tokens: Arc::new(Tokens::new(&config.jwt_secret)),
            limits: Limits::start(config.rate_limit_per_minute, config.auth_rate_limit_per_minute),
            accounts: Arc::new(Accounts::default()),
            gatherer: Gatherer::start(db.clone()),
            hashing: Arc::new(Semaphore::new(cores)),
            health: Health::new(stopping.clone()).database(pool),
            stopping,
            config: Arc::new(config),
            db,
        }
    }
}

/// Every route with everything around it.
pub fn router(app: &App) -> Router {
    let (routes, document) = openapi::collect();
    let ordinary = middleware::around(routes.with_state(app.clone()), app);
    // Outside the ordinary layers: machines that ask often, and pages that load assets.
    let all = ordinary
        .merge(routes::webhooks::router(app.clone()))
        .merge(routes::callbacks::router(app.clone()))
        .merge(app.health.clone().router())
        .merge(openapi::pages(&document));
    // A path has to be ours before it is routed, so this stands around the whole.
    Router::new()
        .fallback_service(all)
        .layer(from_fn(middleware::older_paths::rewrite))
        .layer(from_fn(middleware::headers::secure))
}
