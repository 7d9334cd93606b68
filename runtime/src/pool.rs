//! The database pool, with limits on every connection and a check of who we are.

use std::str::FromStr;
use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::env::Env;
use crate::secret::Secret;

/// How long a caller waits for a free connection before its request fails: long enough for a burst,
/// short enough that a client is told while it still listens.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection given back longer ago than this is asked whether it still lives.
const RESTED: Duration = Duration::from_secs(1);
/// No statement of ours takes this long; one that does holds locks others wait for.
const STATEMENT_TIMEOUT: &str = "30s";
/// A transaction left open by a paused process gives its locks back after this long. (A worker's are ended sooner, when its
/// lease runs out; a process that is only starved keeps its own.)
const IDLE_IN_TRANSACTION_TIMEOUT: &str = "15s";

/// Where the database is and how many connections this process may hold.
#[derive(Clone, Debug)]
pub struct PoolSettings {
    /// The connection URL; secret, because it holds a password.
    pub url: Secret,
    /// The most connections this process opens.
    pub size: u32,
}

impl PoolSettings {
    /// Reads `DATABASE_URL` and `DATABASE_POOL`.
    pub fn read(env: &mut Env<'_>) -> Self {
        Self { url: read_url(env, "DATABASE_URL"), size: read_size(env) }
    }

    /// Reads `OWNER_DATABASE_URL`, the login that owns the tables and runs migrations.
    pub fn read_owner(env: &mut Env<'_>) -> Self {
        Self { url: read_url(env, "OWNER_DATABASE_URL"), size: 2 }
    }
}

fn read_url(env: &mut Env<'_>, name: &str) -> Secret {
    let url = env.secret(name, 1);
    if !url.expose().is_empty() && PgConnectOptions::from_str(url.expose()).is_err() {
        env.problem(name, "is not a postgres:// URL");
    }
    url
}

fn read_size(env: &mut Env<'_>) -> u32 {
    let size = env.value_or("DATABASE_POOL", 20);
    if size == 0 {
        env.problem("DATABASE_POOL", "must be at least 1");
    }
    size
}

/// Why a process cannot use its database.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// The database did not answer, or refused the login.
    #[error("cannot use the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The login could read every tenant's rows.
    #[error(
        "the login {0} could step around row-level security (superuser, BYPASSRLS, or owner of the tables); use a plain login that is a member of teranga_app"
    )]
    OverpoweredRole(String),
}

/// Opens the pool of a service under `application_name` and refuses an overpowered login.
///
/// # Errors
/// [`PoolError::Database`] when the database cannot be reached, [`PoolError::OverpoweredRole`] when
/// the login could read other tenants' rows.
pub async fn connect(settings: &PoolSettings, application_name: &str) -> Result<PgPool, PoolError> {
    let pool = open(settings, application_name).await?;
    refuse_overpowered_role(&pool).await?;
    Ok(pool)
}

/// Opens a pool for migrations and bootstrap: no statement limit, because an index on a large table
/// takes as long as it takes, and no check of the role, because the owner is expected.
///
/// # Errors
/// [`PoolError::Database`] when the database cannot be reached.
pub async fn connect_owner(settings: &PoolSettings, application_name: &str) -> Result<PgPool, PoolError> {
    let options = PgConnectOptions::from_str(settings.url.expose())?.application_name(application_name);
    Ok(PgPoolOptions::new()
        .max_connections(settings.size)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await?)
}

async fn open(settings: &PoolSettings, application_name: &str) -> Result<PgPool, PoolError> {
    let options = in_our_manner(PgConnectOptions::from_str(settings.url.expose())?).application_name(application_name);
    Ok(pool_options().max_connections(settings.size).acquire_timeout(ACQUIRE_TIMEOUT).connect_with(options).await?)
}

/// What holds in every session of a service. Nothing is compiled for a statement: the guessed cost of a long one crosses
/// the bound of the compiler, which then takes seconds for what runs in milliseconds.
#[must_use]
pub fn in_our_manner(options: PgConnectOptions) -> PgConnectOptions {
    options.options([
        ("statement_timeout", STATEMENT_TIMEOUT),
        ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_TIMEOUT),
        ("jit", "off"),
    ])
}

/// How a service keeps its connections. One that rested is asked whether it lives before it is given out; one that was
/// given back a moment ago was asked just then, and another round trip would cost as much as a short statement.
#[must_use]
pub fn pool_options() -> PgPoolOptions {
    PgPoolOptions::new().test_before_acquire(false).before_acquire(|conn, meta| {
        Box::pin(async move {
            if meta.idle_for < RESTED {
                return Ok(true);
            }
            conn.ping().await.map(|()| true)
        })
    })
}

/// Refuses a login to which row-level security would not apply: a superuser, one with BYPASSRLS, a
/// member of such a role, or an owner of tables whose policies are not forced on their owner.
///
/// # Errors
/// [`PoolError::OverpoweredRole`] naming the login; [`PoolError::Database`] when it cannot be asked.
pub async fn refuse_overpowered_role(pool: &PgPool) -> Result<(), PoolError> {
    let (role, overpowered): (String, bool) = sqlx::query_as(
        "select current_user::text,
                exists (select 1 from pg_roles
                        where (rolsuper or rolbypassrls) and pg_has_role(current_user, oid, 'member'))
             or exists (select 1 from pg_class
                        where relrowsecurity and not relforcerowsecurity
                          and pg_has_role(current_user, relowner, 'member'))",
    )
    .fetch_one(pool)
    .await?;
    if overpowered { Err(PoolError::OverpoweredRole(role)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(clippy::disallowed_methods, reason = "a test finds its server by this variable")]
    fn admin() -> PoolSettings {
        let url = std::env::var("TEST_DATABASE_URL");
        let url = url.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5499/postgres".to_owned());
        PoolSettings { url: Secret::new(url), size: 2 }
    }

    /// A pool under a login of `attributes`, made for this test.
    async fn login(name: &str, attributes: &str) -> PgPool {
        let owner = connect_owner(&admin(), "test").await.expect("the test server");
        for statement in [
            format!("drop role if exists {name}"),
            format!("create role {name} login password 'only-for-a-test' {attributes}"),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&owner).await.expect("a new role");
        }
        let options = PgConnectOptions::from_str(admin().url.expose()).expect("a URL");
        PgPoolOptions::new()
            .connect_with(options.username(name).password("only-for-a-test"))
            .await
            .expect("the new login")
    }

    #[tokio::test]
    async fn a_superuser_is_refused() {
        let refused = connect(&admin(), "test").await;
        assert!(matches!(refused, Err(PoolError::OverpoweredRole(_))), "{refused:?}");
    }

    #[tokio::test]
    async fn a_login_that_bypasses_row_level_security_is_refused() {
        let pool = login("runtime_test_bypass", "bypassrls").await;
        let refused = refuse_overpowered_role(&pool).await;
        assert!(matches!(refused, Err(PoolError::OverpoweredRole(name)) if name == "runtime_test_bypass"));
    }

    #[tokio::test]
    async fn a_plain_login_is_welcome() {
        let pool = login("runtime_test_plain", "").await;
        refuse_overpowered_role(&pool).await.expect("nothing to refuse");
    }

    #[tokio::test]
    async fn every_connection_has_its_limits() {
        let pool = open(&admin(), "test-limits").await.expect("the test server");
        let limits: (String, String, String, String) = sqlx::query_as(
            "select current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'),
                    current_setting('jit'), current_setting('application_name')",
        )
        .fetch_one(&pool)
        .await
        .expect("settings");
        assert_eq!(
            (limits.0.as_str(), limits.1.as_str(), limits.2.as_str(), limits.3.as_str()),
            ("30s", "15s", "off", "test-limits")
        );
    }
}
