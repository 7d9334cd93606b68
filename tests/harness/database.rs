//! A database of its own for each test, cloned from a migrated template: far cheaper than migrating PostGIS each time
//! (PROOF, `make test`).

use sha2::{Digest, Sha256};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr, time::Duration};
use tokio::sync::OnceCell;

/// Serializes the making of the template, of clones and of the login between test processes.
const LOCK: i64 = 0x7e2a_46a0;
const LOGIN: &str = "teranga_test";
const PASSWORD: &str = "only-for-tests-on-this-machine";

/// A database that is dropped with its value.
pub struct TestDatabase {
    pub name: String,
    admin: PgConnectOptions,
    dropped: bool,
}

pub fn admin_url() -> String {
    std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5499/postgres".into())
}

impl TestDatabase {
    pub async fn create() -> Self {
        let admin = PgConnectOptions::from_str(&admin_url()).expect("TEST_DATABASE_URL is a Postgres URL");
        let template = template(&admin).await;
        let name = format!("teranga_t_{}", uuid::Uuid::now_v7().simple());
        let mut conn = PgConnection::connect_with(&admin).await.expect("the test cluster answers");
        lock(&mut conn).await;
        run(&mut conn, &format!("create database {name} template {template}")).await;
        conn.close().await.unwrap();
        Self { name, admin, dropped: false }
    }

    /// As the owner: to look at everything and to move the clock.
    pub async fn owner(&self) -> PgPool {
        PgPoolOptions::new().max_connections(3).connect_with(self.admin.clone().database(&self.name)).await.unwrap()
    }

    /// As a service logs in: a member of `teranga_app` without any other right.
    pub async fn service(&self, connections: u32) -> PgPool {
        PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(20))
            .connect_with(self.service_options())
            .await
            .unwrap()
    }

    pub fn service_options(&self) -> PgConnectOptions {
        let login = self.admin.clone().username(LOGIN).password(PASSWORD).database(&self.name);
        runtime::pool::in_our_manner(login)
    }

    pub fn service_url(&self) -> String {
        let host = self.admin.get_host();
        let port = self.admin.get_port();
        format!("postgres://{LOGIN}:{PASSWORD}@{host}:{port}/{}", self.name)
    }

    /// Leaves the database where it is, for whoever wants to look into it. Answers its name.
    pub fn keep(&mut self) -> &str {
        self.dropped = true;
        &self.name
    }

    /// Drops the database and whatever is still connected to it. Where this can be awaited it is better than to let go of the
    /// value: the server waits for whoever is logging in, for up to a minute, and a blocked runtime does not log in.
    pub async fn drop_now(&mut self) {
        if !self.dropped {
            self.dropped = true;
            drop_database(&self.admin, &self.name).await;
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.dropped {
            return;
        }
        let (admin, name) = (self.admin.clone(), self.name.clone());
        // a failing test unwinds inside its runtime: clean up on a thread of our own
        let _ = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(drop_database(&admin, &name));
        })
        .join();
    }
}

async fn drop_database(admin: &PgConnectOptions, name: &str) {
    if let Ok(mut conn) = PgConnection::connect_with(admin).await {
        let sql = format!("drop database if exists {name} with (force)");
        let _ = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await;
    }
}

/// The migrated template of exactly these migrations, made once per process and cluster.
async fn template(admin: &PgConnectOptions) -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let mut hash = Sha256::new();
            for migration in domain::MIGRATOR.iter() {
                hash.update(&migration.checksum);
            }
            let name = format!("teranga_template_{}", &hex::encode(hash.finalize())[..16]);
            let mut conn = PgConnection::connect_with(admin).await.expect("the test cluster answers");
            lock(&mut conn).await;
            make_login(&mut conn).await;
            let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
                .bind(&name)
                .fetch_one(&mut conn)
                .await
                .unwrap();
            if !exists {
                make_template(admin, &mut conn, &name).await;
            }
            run(&mut conn, &format!("grant teranga_app to {LOGIN}")).await;
            name
        })
        .await
}

async fn make_login(conn: &mut PgConnection) {
    let exists: bool = sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
        .bind(LOGIN)
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    if !exists {
        run(conn, &format!("create role {LOGIN} login password '{PASSWORD}'")).await;
    }
}

/// Migrated under another name first: a run that dies half way leaves no half template.
async fn make_template(admin: &PgConnectOptions, conn: &mut PgConnection, name: &str) {
    run(conn, &format!("drop database if exists {name}_new with (force)")).await;
    run(conn, &format!("create database {name}_new")).await;
    let mut fresh = PgConnection::connect_with(&admin.clone().database(&format!("{name}_new"))).await.unwrap();
    domain::MIGRATOR.run(&mut fresh).await.expect("the migrations apply to an empty database");
    fresh.close().await.unwrap();
    run(conn, &format!("alter database {name}_new rename to {name}")).await;
}

async fn lock(conn: &mut PgConnection) {
    sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(conn).await.unwrap();
}

async fn run(conn: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(conn).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}
