//! Where the story is played: the API, the sandbox, and the owner's view of the database for the clock and the sums.

use harness::{Answer, http::Ask};
use reqwest::{Client, Method};
use serde_json::Value;
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::{future::Future, time::Duration};

pub struct Stage {
    pub api: String,
    pub sandbox: String,
    pub org: String,
    pub admin_email: String,
    pub admin_password: String,
    pub owner: PgPool,
    client: Client,
}

fn required(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is missing: run this through `make demo`"))
}

impl Stage {
    pub async fn from_environment() -> Self {
        integrations::install_crypto();
        Self {
            api: required("API_URL"),
            sandbox: required("SANDBOX_URL"),
            org: required("ORGANIZATION_ID"),
            admin_email: required("ADMIN_EMAIL"),
            admin_password: required("ADMIN_PASSWORD"),
            owner: PgPoolOptions::new()
                .max_connections(2)
                .connect(&required("OWNER_DATABASE_URL"))
                .await
                .expect("the demo database answers"),
            client: Client::builder().timeout(Duration::from_secs(40)).build().unwrap(),
        }
    }

    /// Says what happens now.
    pub fn say(&self, words: &str) {
        println!("  · {words}");
    }

    pub fn scene(&self, title: &str) {
        println!("{title}");
    }

    pub fn ask(&self, method: Method, path: &str) -> Ask {
        Ask::new(&self.client, &self.api, method, path).header("x-org-id", &self.org)
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn wave(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.sandbox))
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path).json(body).send().await
    }

    /// Moves the business clock ahead: hours pass in a moment.
    pub async fn pass(&self, hours: f64) {
        sqlx::query(
            "insert into clock (ahead) values (make_interval(secs => $1))
             on conflict (only_row) do update set ahead = clock.ahead + make_interval(secs => $1)",
        )
        .bind(hours * 3_600.0)
        .execute(&self.owner)
        .await
        .unwrap();
    }

    pub async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.owner).await.unwrap()
    }

    /// Looks again until it is there; gives up after a minute, naming what was missing.
    pub async fn until<T, F: Future<Output = Option<T>>>(&self, what: &str, mut look: impl FnMut() -> F) -> T {
        for _ in 0..600 {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("waited a minute for {what}");
    }
}
