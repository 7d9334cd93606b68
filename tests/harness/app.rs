//! The product in one process, over a database of its own: the real router on a real port, the real carriers, the
//! sandbox as every provider.

use crate::{
    database::TestDatabase,
    http::{Answer, Ask},
    people::Person,
};
use api::{
    App,
    config::{ApiConfig, WebhookSecrets},
};
use domain::{
    db::{Db, Scope},
    ids::*,
    invariants,
    jobs::{Maintenance, Notifications, Payments, Reservations},
    keys::Keys,
    money::Currency,
    organizations::{self, NewOrganization, settings::Settings},
};
use integrations::{
    Secret,
    messages::{MailerSettings, PushSettings, ServiceAccount, SmsSettings},
    payments::{
        Account, CallbackKeys, Callbacks, Credentials, ProviderSettings, mtn::MtnKeys, orange::OrangeKeys,
        sonatel::SonatelKeys, stripe::StripeKeys, wave::WaveKeys,
    },
};
use reqwest::{Client, Method};
use sandbox::{Running, Sandbox};
use serde_json::Value;
use sqlx::PgPool;
use std::sync::{Arc, atomic::AtomicBool};

pub const WEBHOOK_SECRET: &str = "wave_ci_WHS_local_test_secret";
pub const OLD_WEBHOOK_SECRET: &str = "wave_ci_WHS_secret_being_rotated_out";
pub const CALLBACK_KEY: &str = "a callback key for tests that is long enough to be used";
pub const OLD_CALLBACK_KEY: &str = "a callback key of tests that is being rotated out";
pub const DATA_KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
pub const CODES: &str = "access codes of this test installation";
pub const JWT_SECRET: &str = "a signing secret for tests, long enough to be accepted";

/// What a test wants otherwise than usual.
pub struct Options {
    pub settings: Settings,
    pub rate_limit: u32,
    pub auth_rate_limit: u32,
    pub registration: &'static str,
    /// Accounts with every provider, not only Wave.
    pub every_provider: bool,
}

impl Default for Options {
    fn default() -> Self {
        let mut settings =
            Settings { require_kyc_for_driver: false, unpaid_bookings_per_day: 50, ..Settings::default() };
        settings.payout.requires_kyc = false;
        settings.commission.basis_points = 1_000;
        settings.commission.fixed = 100;
        Self { settings, rate_limit: 0, auth_rate_limit: 0, registration: "open", every_provider: false }
    }
}

/// A running product.
pub struct TestApp {
    pub base: String,
    pub client: Client,
    pub org: OrgId,
    pub slug: String,
    pub account: ProviderAccountId,
    pub wave: Running,
    pub db: Db,
    pub api: App,
    pub worker: Arc<worker::Env>,
    pub owner: PgPool,
    pub pool: PgPool,
    pub database: TestDatabase,
    stopping: runtime::CancellationToken,
    looked_at: bool,
    pub(crate) by_hand: AtomicBool,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// With an account at every provider.
    pub async fn with_every_provider() -> Self {
        Self::start_with(Options { every_provider: true, ..Options::default() }).await
    }

    pub async fn start_with(options: Options) -> Self {
        integrations::install_crypto();
        let database = TestDatabase::create().await;
        let (owner, pool) = (database.owner().await, database.service(12).await);
        let keys = Arc::new(Keys::new(&[[7; 32]], CODES.as_bytes()));
        let db = Db::start(pool.clone(), Some(keys));
        let (org, account) = organization(&db, "allocar", &options).await;
        sqlx::query("update organizations set operator = true where id = $1")
            .bind(org.0)
            .execute(&owner)
            .await
            .unwrap();
        let wave = Sandbox::start(sandbox::Settings::default()).await.unwrap();
        let stopping = runtime::CancellationToken::new();
        let config = config(&database, &options);
        let api = App::start(config, pool.clone(), stopping.clone());
        let base = serve(&api, &stopping).await;
        let webhook = format!("{base}/api/v1/webhooks/wave/{account}");
        let (card, sonatel) = (account_at(&owner, org, "card").await, account_at(&owner, org, "sonatel").await);
        wave.knobs().tune(|tuning| {
            tuning.webhook_url = Some(webhook);
            tuning.sonatel_webhook_url = sonatel.map(|id| format!("{base}/api/v1/webhooks/sonatel/{id}"));
            tuning.card_webhook_url = card.map(|card| format!("{base}/api/v1/webhooks/card/{card}"));
        });
        let worker = Arc::new(worker_env(db.clone(), &wave, &base));
        let client = Client::builder().build().unwrap();
        let slug = "allocar".into();
        Self {
            base,
            client,
            org,
            slug,
            account,
            wave,
            db,
            api,
            worker,
            owner,
            pool,
            database,
            stopping,
            looked_at: false,
            by_hand: AtomicBool::new(false),
        }
    }

    /// Runs every job that is due, on all queues, until none is: as the workers would.
    pub async fn drain(&self) {
        for _ in 0..100 {
            let env = &self.worker;
            let runs = self.drain_queue::<Payments, _, _>(worker::payments::handle(env.clone())).await
                + self.drain_queue::<Reservations, _, _>(worker::reservations::handle(env.clone())).await
                + self.drain_queue::<Notifications, _, _>(worker::notifications::handle(env.clone())).await
                + self.drain_queue::<Maintenance, _, _>(worker::maintenance::handle(env.clone())).await;
            if runs == 0 {
                return;
            }
        }
        panic!("the queues never come to rest");
    }

    /// A second door to the same product, as an operator would start it with another configuration. Answers its address.
    pub async fn another_door(&self, change: impl FnOnce(&mut ApiConfig)) -> String {
        let mut config = (*self.api.config).clone();
        change(&mut config);
        let door = App::start(config, self.pool.clone(), self.stopping.clone());
        serve(&door, &self.stopping).await
    }

    /// Answers how many jobs were run. A queue where nothing is due is not connected to: that is most of the time of a test.
    async fn drain_queue<J, H, F>(&self, handler: H) -> u64
    where
        J: queue::JobFamily,
        H: Fn(queue::Job<J>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = queue::Verdict> + Send + 'static,
    {
        let due = "select exists (select from queue.jobs where queue = $1 and run_at <= app_now())";
        let due: bool = sqlx::query_scalar(due).bind(J::QUEUE).fetch_one(&self.owner).await.unwrap();
        if due { queue::drain::<J, _, _>(&self.pool, handler).await.unwrap().runs() } else { 0 }
    }

    /// A second organization in the same installation.
    pub async fn other_organization(&self, slug: &str) -> OrgId {
        organization(&self.db, slug, &Options::default()).await.0
    }

    pub fn ask(&self, method: Method, path: &str) -> Ask {
        Ask::new(&self.client, &self.base, method, path)
    }

    /// The same at this very address, without `/api/v1` before it.
    pub fn ask_at(&self, method: Method, path: &str) -> Ask {
        Ask::at(&self.client, &self.base, method, path)
    }

    pub async fn get(&self, by: &Person, path: &str) -> Answer {
        self.ask(Method::GET, path).by(by).send().await
    }

    pub async fn post(&self, by: &Person, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path).by(by).json(body).send().await
    }

    /// Every promise holds, and no job is dead or due: the end of every flow (PROOF, `make test`).
    pub async fn finish(self) {
        self.finish_expecting_dead(0).await;
    }

    pub async fn finish_expecting_dead(mut self, dead: i64) {
        self.looked_at = true;
        let now = self.now().await; // what becomes due while we look is nobody's fault
        self.drain().await;
        self.assert_promises().await;
        self.assert_audited().await;
        assert_eq!(self.count("select count(*) from queue.dead").await, dead, "dead letters: {:?}", self.dead().await);
        let due: i64 = sqlx::query_scalar("select count(*) from queue.jobs where run_at <= $1")
            .bind(now)
            .fetch_one(&self.owner)
            .await
            .unwrap();
        assert_eq!(due, 0, "jobs left behind");
        self.stopping.cancel();
        self.database.drop_now().await;
    }

    /// Recomputes every invariant over everything in this database.
    pub async fn assert_promises(&self) {
        let mut tx = self.db.begin(Scope::nowhere()).await.unwrap();
        for check in invariants::check_all(&mut tx).await.unwrap() {
            assert_eq!(check.violations, 0, "{} broken: {}", check.name, check.sample);
        }
    }

    /// Ends without looking: for programs that have an oracle of their own.
    pub fn release(mut self) {
        self.looked_at = true;
        self.stopping.cancel();
    }

    /// For a test that broke the database on purpose: nothing is left to look at.
    pub fn forgive(&mut self) {
        self.looked_at = true;
    }

    async fn dead(&self) -> Vec<(String, String)> {
        sqlx::query_as("select kind, reason from queue.dead").fetch_all(&self.owner).await.unwrap()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stopping.cancel();
        assert!(self.looked_at || std::thread::panicking(), "a test must end with finish(): it looks at what is left");
    }
}

async fn organization(db: &Db, slug: &str, options: &Options) -> (OrgId, ProviderAccountId) {
    let mut tx = db.begin(Scope::nowhere()).await.unwrap();
    let new = NewOrganization {
        slug: slug.into(),
        name: slug.into(),
        timezone: "Africa/Abidjan".into(),
        currency: Currency::Xof,
        payment_mode: "live".into(),
        locale: "fr".into(),
        registration: options.registration.into(),
        settings: options.settings.clone(),
    };
    let organization = organizations::create(&mut tx, &new, None).await.unwrap();
    let account = organizations::add_provider_account(
        &mut tx,
        ProviderAccountId::new(),
        "wave",
        &secret_ref(slug),
        Currency::Xof,
    )
    .await
    .unwrap();
    for (provider, secret_ref) in [("mtn", "MTN"), ("orange", "ORANGE"), ("card", "STRIPE"), ("sonatel", "SONATEL")] {
        if options.every_provider {
            let id = ProviderAccountId::new();
            organizations::add_provider_account(&mut tx, id, provider, secret_ref, Currency::Xof).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    (organization.id, account)
}

async fn account_at(owner: &PgPool, org: OrgId, provider: &str) -> Option<uuid::Uuid> {
    sqlx::query_scalar("select id from provider_accounts where org_id = $1 and provider = $2")
        .bind(org.0)
        .bind(provider)
        .fetch_optional(owner)
        .await
        .unwrap()
}

/// One wallet belongs to one organization.
fn secret_ref(slug: &str) -> String {
    if slug == "allocar" { "WAVE".into() } else { format!("WAVE_{}", slug.to_uppercase()) }
}

fn config(database: &TestDatabase, options: &Options) -> ApiConfig {
    let rate = options.rate_limit.to_string();
    let auth_rate = options.auth_rate_limit.to_string();
    let url = database.service_url();
    let mut env = runtime::env::Env::new(move |name| {
        let value = match name {
            "DATABASE_URL" => &url,
            "ENVIRONMENT" => "development",
            "PUBLIC_URL" => "https://api.allocar.test",
            "CORS_ORIGINS" => "https://app.allocar.test",
            "JWT_SECRET" => JWT_SECRET,
            "ACCESS_CODE_SECRET" => CODES,
            "DATA_KEY" => DATA_KEY,
            "RATE_LIMIT_PER_MINUTE" => &rate,
            "AUTH_RATE_LIMIT_PER_MINUTE" => &auth_rate,
            _ => return None,
        };
        Some(value.to_owned())
    });
    let mut config = ApiConfig::read(&mut env);
    let secrets = vec![Secret::new(WEBHOOK_SECRET), Secret::new(OLD_WEBHOOK_SECRET)];
    config.webhooks = WebhookSecrets::of([
        ("WAVE".to_owned(), secrets.clone()),
        ("WAVE_AUTOCAR".to_owned(), secrets),
        ("SONATEL".to_owned(), sandbox::SonatelContract::default().webhook_secrets),
        ("STRIPE".to_owned(), sandbox::StripeContract::default().webhook_secrets),
    ]);
    config.callback_keys = CallbackKeys::new(vec![Secret::new(CALLBACK_KEY), Secret::new(OLD_CALLBACK_KEY)]);
    env.finish(config).expect("the test configuration is whole")
}

async fn serve(api: &App, stopping: &runtime::CancellationToken) -> String {
    let listener = runtime::listen(std::net::SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(runtime::serve(listener, api::router(api), stopping.clone()));
    base
}

fn worker_env(db: Db, wave: &Running, base: &str) -> worker::Env {
    let account = |secret_ref: &str, credentials| ProviderSettings {
        account: Account { secret_ref: secret_ref.into(), base_url: wave.url(), currency: Currency::Xof },
        credentials,
    };
    let wallet = || Credentials::Wave(WaveKeys { api_key: Secret::new("wave_ci_prod_local"), signing_secret: None });
    let settings = worker::EnvSettings {
        providers: vec![
            account("WAVE", wallet()),
            account("WAVE_AUTOCAR", wallet()),
            account("MTN", Credentials::Mtn(mtn_keys(base))),
            account("ORANGE", Credentials::Orange(orange_keys(base))),
            card_account(wave),
            sonatel_account(wave),
        ],
        push: Some(PushSettings {
            service_account: ServiceAccount::load(&wave.service_account()).unwrap(),
            api_url: wave.url(),
        }),
        sms: Some(SmsSettings {
            api_url: wave.url(),
            client_id: "sms-client".into(),
            client_secret: Secret::new("sms-secret"),
            sender: "tel:+2250000".into(),
            sender_name: None,
        }),
        mail: Some(MailerSettings {
            smtp_url: Secret::new(wave.smtp_url()),
            from: "AlloCar <no-reply@allocar.test>".into(),
            development: true,
        }),
        history: worker::HistoryDays::default(),
    };
    worker::Env::new(db, settings).expect("the sandbox can be spoken to")
}

fn callbacks(base: &str) -> Callbacks {
    Callbacks { base_url: base.into(), keys: CallbackKeys::new(vec![Secret::new(CALLBACK_KEY)]) }
}

fn card_account(wave: &Running) -> ProviderSettings {
    let contract = sandbox::StripeContract::default();
    let base_url = format!("{}/stripe", wave.url());
    let keys = StripeKeys { secret_key: contract.secret_key, merchant_name: "AlloCar".into() };
    ProviderSettings {
        account: Account { secret_ref: "STRIPE".into(), base_url, currency: Currency::Xof },
        credentials: Credentials::Card(keys),
    }
}

fn sonatel_account(wave: &Running) -> ProviderSettings {
    let contract = sandbox::SonatelContract::default();
    let base_url = format!("{}/sonatel", wave.url());
    let keys = SonatelKeys {
        client_id: contract.client_id,
        client_secret: contract.client_secret,
        merchant_code: contract.merchant_code,
        merchant_name: "AlloCar".into(),
    };
    ProviderSettings {
        account: Account { secret_ref: "SONATEL".into(), base_url, currency: Currency::Xof },
        credentials: Credentials::Sonatel(keys),
    }
}

fn mtn_keys(base: &str) -> MtnKeys {
    let contract = sandbox::MtnContract::default();
    MtnKeys {
        target_environment: contract.target_environment,
        api_user: contract.api_user,
        api_key: contract.api_key,
        collection_key: contract.collection_key,
        disbursement_key: Some(contract.disbursement_key),
        callbacks: callbacks(base),
    }
}

fn orange_keys(base: &str) -> OrangeKeys {
    let contract = sandbox::OrangeContract::default();
    OrangeKeys {
        country: contract.country,
        client_id: contract.client_id,
        client_secret: contract.client_secret,
        merchant_key: contract.merchant_key,
        merchant_name: "AlloCar".into(),
        callbacks: callbacks(base),
    }
}
