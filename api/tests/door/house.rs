//! The whole door over a database of its own, called in-process.

use api::{
    App,
    config::{ApiConfig, WebhookSecrets},
};
use axum::{
    Router,
    body::{Body, to_bytes},
};
use domain::{
    db::{Db, Scope},
    identity::{self, Identifier, NewPerson, password},
    ids::{OrgId, ProviderAccountId, UserId},
    money::Currency,
    organizations::{self, NewOrganization, members, settings::Settings},
};
use http::{HeaderMap, Request, StatusCode};
use integrations::{Secret, payments::wave::webhook};
use runtime::{CancellationToken, env::Env};
use serde_json::{Value, json};
use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr, time::SystemTime};
use tokio::sync::OnceCell;
use tower::ServiceExt;

pub const WEBHOOK_SECRET: &str = "wave_ci_WHS_local_test_secret";
pub const PASSWORD: &str = "correct horse battery";

/// The migrated database the others are copied from.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

pub struct House {
    pub app: App,
    pub router: Router,
    /// As the owner of the tables, to look and to arrange.
    pub owner: PgPool,
    name: String,
}

fn admin() -> PgConnectOptions {
    let url = Env::of_process().text_or("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5499/postgres");
    PgConnectOptions::from_str(&url).unwrap()
}

async fn as_admin(sql: String) {
    let mut connection = PgConnection::connect_with(&admin()).await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}

/// One per set of migrations, kept for the next run: migrating takes longer than most tests.
async fn template() -> String {
    let sums = domain::MIGRATOR.iter().flat_map(|migration| migration.checksum.iter());
    let sum = sums.fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    let name = format!("door_template_{sum:x}");
    let mut lock = PgConnection::connect_with(&admin()).await.unwrap();
    lock.execute("select pg_advisory_lock(7003)").await.unwrap();
    let known: bool = sqlx::query_scalar("select exists(select 1 from pg_database where datname = $1)")
        .bind(&name)
        .fetch_one(&mut lock)
        .await
        .unwrap();
    if !known {
        let unfinished = format!("{name}_unfinished");
        as_admin(format!("drop database if exists {unfinished}")).await;
        as_admin(format!("create database {unfinished}")).await;
        let mut connection = PgConnection::connect_with(&admin().database(&unfinished)).await.unwrap();
        domain::MIGRATOR.run(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        as_admin(format!("alter database {unfinished} rename to {name}")).await;
    }
    lock.close().await.unwrap();
    name
}

impl House {
    pub async fn build() -> Self {
        Self::build_with(&[]).await
    }

    /// With these variables on top of the usual ones.
    pub async fn build_with(variables: &[(&str, &str)]) -> Self {
        let template = TEMPLATE.get_or_init(template).await;
        let name = format!("door_{}", OrgId::new().0.simple());
        as_admin(format!("create database {name} template {template}")).await;
        let owner = PgPoolOptions::new().max_connections(2).connect_with(admin().database(&name)).await.unwrap();
        let service = admin().database(&name).options([("role", "teranga_app")]);
        let pool = PgPoolOptions::new().max_connections(10).connect_with(service).await.unwrap();
        let app = App::start(config(variables), pool, CancellationToken::new());
        Self { router: api::router(&app), app, owner, name }
    }

    pub async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 10_000_000).await.unwrap();
        Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.call("GET", path, headers, "").await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let json = [&[("content-type", "application/json")], headers].concat();
        self.call(method, path, &json, body.to_string()).await
    }

    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        self.send("POST", path, headers, body).await
    }

    /// An organization with an admin `admin@<slug>.ci` and a Wave account.
    pub async fn organization(&self, slug: &str) -> (OrgId, ProviderAccountId) {
        let db = Db::start(self.owner.clone(), None);
        let mut tx = db.begin(Scope::nowhere()).await.unwrap();
        let admin = person(&mut tx, &format!("admin@{slug}.ci")).await;
        let new = NewOrganization {
            slug: slug.into(),
            name: slug.into(),
            timezone: "Africa/Abidjan".into(),
            currency: Currency::Xof,
            payment_mode: "live".into(),
            locale: "fr".into(),
            registration: "open".into(),
            settings: Settings::default(),
        };
        let organization = organizations::create(&mut tx, &new, Some(admin)).await.unwrap();
        let account =
            organizations::add_provider_account(&mut tx, ProviderAccountId::new(), "wave", wallet(slug), Currency::Xof)
                .await
                .unwrap();
        tx.commit().await.unwrap();
        (organization.id, account)
    }

    /// A person with a role in an organization.
    pub async fn member(&self, org: OrgId, email: &str, role: &str) -> UserId {
        let db = Db::start(self.owner.clone(), None);
        let mut tx = db.begin(Scope::system(org)).await.unwrap();
        let known = identity::find_user(&mut tx, &Identifier::email(email).unwrap()).await.unwrap();
        let user = match known {
            Some(user) => user,
            None => person(&mut tx, email).await,
        };
        members::grant(&mut tx, user, role).await.unwrap();
        tx.commit().await.unwrap();
        user
    }

    /// The `Authorization` value of somebody who signs in, and the refresh token.
    pub async fn sign_in(&self, email: &str) -> (String, String) {
        let ask = json!({ "identifier": email, "password": PASSWORD });
        let answer = self.post("/api/v1/auth/login", &[], ask).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        let text = |name: &str| answer.body["data"][name].as_str().unwrap().to_owned();
        (format!("Bearer {}", text("access_token")), text("refresh_token"))
    }

    pub async fn deliver(&self, account: impl ToString, body: &str, signature: &str) -> Answer {
        let path = format!("/api/v1/webhooks/wave/{}", account.to_string());
        self.call("POST", &path, &[("wave-signature", signature)], body.to_owned()).await
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.owner).await.unwrap()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let name = self.name.clone();
        // Dropping a database takes a runtime, and the test's own is ending.
        let gone = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(as_admin(format!("drop database if exists {name} with (force)")));
        });
        gone.join().unwrap();
    }
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Status and code at once.
    pub fn no(&self) -> (u16, &str) {
        (self.status.as_u16(), self.code())
    }
}

async fn person(tx: &mut domain::db::Tx, email: &str) -> UserId {
    let new = NewPerson {
        identifier: Identifier::email(email).unwrap(),
        password_hash: Some(password::hash(PASSWORD).unwrap()),
        full_name: email.to_owned(),
        locale: None,
    };
    identity::create_person(tx, &new).await.unwrap()
}

fn config(variables: &[(&str, &str)]) -> ApiConfig {
    let usual = [
        ("DATABASE_URL", "postgres://unused"),
        ("PUBLIC_URL", "http://localhost:8080"),
        ("JWT_SECRET", "0123456789abcdef0123456789abcdef"),
        ("ACCESS_CODE_SECRET", "0123456789abcdef0123456789abcdef"),
        ("DATA_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("RATE_LIMIT_PER_MINUTE", "0"),
        ("AUTH_RATE_LIMIT_PER_MINUTE", "0"),
        ("CORS_ORIGINS", "https://app.test"),
    ];
    let find = |name: &str| {
        let all = variables.iter().chain(&usual);
        all.copied().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    };
    let mut env = Env::new(find);
    let mut config = ApiConfig::read(&mut env);
    let known = || vec![Secret::new(WEBHOOK_SECRET)];
    config.webhooks = WebhookSecrets::of([("WAVE".to_owned(), known()), ("WAVE_OTHER".to_owned(), known())]);
    env.finish(config).unwrap_or_else(|problems| panic!("{problems}"))
}

/// A checkout event as Wave sends it.
pub fn event(key: &str) -> String {
    json!({
        "id": key, "type": "checkout.session.completed",
        "data": { "id": "cos-test00001", "amount": "2500", "currency": "XOF", "checkout_status": "complete",
            "payment_status": "succeeded", "client_reference": "ride_0001", "transaction_id": "TTEST000001" }
    })
    .to_string()
}

/// One wallet belongs to one organization.
fn wallet(slug: &str) -> &'static str {
    if slug == "other" { "WAVE_OTHER" } else { "WAVE" }
}

/// Signed `age` seconds ago.
#[allow(clippy::disallowed_methods)]
pub fn signature(secret: &str, body: &str, age: i64) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    webhook::sign(&Secret::new(secret), i64::try_from(now).unwrap() - age, body.as_bytes())
}
