//! Orange Money Web Payment: a page, an unsigned notification, a status (PROVIDERS §2A).

use crate::fault::operation;
use crate::fcm::admitted;
use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use crate::store::{Collection, State as Standing};
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use integrations::Secret;
use integrations::payments::orange::wire::{
    ErrorBody, Notification, Opened, Status, StatusRequest, TransactionStatus, WebPayment,
};
use integrations::signing::same_secret;

/// The contract played here.
#[derive(Debug, Clone)]
pub struct OrangeContract {
    /// The country in the path; in `dev` the only currency is `OUV`.
    pub country: String,
    /// Our application.
    pub client_id: String,
    /// What proves it.
    pub client_secret: Secret,
    /// The merchant.
    pub merchant_key: Secret,
}

impl Default for OrangeContract {
    fn default() -> Self {
        Self {
            country: "ci".into(),
            client_id: "orange-client".into(),
            client_secret: "orange-secret".into(),
            merchant_key: "orange-merchant-key".into(),
        }
    }
}

impl OrangeContract {
    fn currency(&self) -> &'static str {
        if self.country == "dev" { "OUV" } else { "XOF" }
    }
}

/// Orange's routes.
pub(crate) fn routes(sandbox: &Sandbox) -> Router<Sandbox> {
    let guarded = |name, route| operation(sandbox, name, route);
    let base = "/orange-money-webpay/{country}/v1";
    Router::new()
        .route(&format!("{base}/webpayment"), guarded("orange.webpayment", post(open)))
        .route(&format!("{base}/transactionstatus"), guarded("orange.status", post(read)))
}

/// A refusal in the gateway's form.
pub(crate) fn error(status: StatusCode, code: &str, words: &str) -> Response {
    let code = code.parse().unwrap_or(50);
    (status, Json(ErrorBody { code, message: words.into(), description: words.into() })).into_response()
}

/// The same for those who may also say yes.
fn no(status: StatusCode, code: &str, words: &str) -> Box<Response> {
    Box::new(error(status, code, words))
}

/// The notification's body: no signature, no order, no amount.
pub(crate) fn news(collection: &Collection) -> String {
    let notification = Notification {
        status: if collection.state == Standing::Done { Status::Success } else { Status::Failed },
        notif_token: collection.notif_token.clone().unwrap_or_default(),
        txnid: Some(collection.transaction_id.clone()),
    };
    serde_json::to_string(&notification).unwrap_or_default()
}

/// `POST …/webpayment`: 201 with a page for the payer.
async fn open(
    State(sandbox): State<Sandbox>,
    Extension(faults): Extension<Faults>,
    Path(country): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match accept(&sandbox, &country, &headers, &body) {
        Ok(collection) => {
            let (pay_token, notif_token) = (collection.id.clone(), collection.notif_token.clone());
            sandbox.state().write(|books| books.collections.put(collection));
            if Faults::on(faults.early) {
                sandbox.approve_early(&pay_token).await;
            }
            let payment_url = format!("{}/collect/{pay_token}", sandbox.public_url());
            let notif_token = notif_token.unwrap_or_default();
            let opened = Opened { status: 201, message: "OK".into(), pay_token, payment_url, notif_token };
            (StatusCode::CREATED, Json(opened)).into_response()
        }
        Err(refusal) => *refusal,
    }
}

fn accept(sandbox: &Sandbox, country: &str, headers: &HeaderMap, body: &[u8]) -> Result<Collection, Box<Response>> {
    check(sandbox, country, headers)?;
    let contract = &sandbox.settings().orange;
    let refused = |code: &str, words: &str| no(StatusCode::BAD_REQUEST, code, words);
    let order: WebPayment = serde_json::from_slice(body).map_err(|_| refused("23", "Missing body field"))?;
    if !same_secret(&order.merchant_key, &contract.merchant_key) {
        return Err(no(StatusCode::FORBIDDEN, "50", "Access denied to this merchant"));
    }
    let urls = [&order.return_url, &order.cancel_url, &order.notif_url];
    if urls.iter().any(|url| url.len() > 120 || !url.starts_with("http")) {
        return Err(refused("24", "Invalid URL"));
    }
    if order.currency != contract.currency() || order.amount <= 0 || order.reference.chars().count() > 30 {
        return Err(refused("24", "Invalid currency, amount or reference"));
    }
    let used = sandbox.state().read(|books| !books.collections.tagged(&order.order_id).is_empty());
    if order.order_id.is_empty() || order.order_id.len() > 30 || used {
        return Err(refused("24", "order_id is used, or too long"));
    }
    Ok(Collection {
        id: sandbox.next_id("ptk"),
        provider: "orange",
        reference: order.order_id,
        amount: order.amount,
        currency: order.currency,
        payer: None,
        callback: Some(order.notif_url),
        notif_token: Some(sandbox.next_id("ntk")),
        transaction_id: sandbox.next_id("MP"),
        state: Standing::Waiting,
        reason: None,
        at: sandbox.now(),
    })
}

/// `POST …/transactionstatus`: 201; order, amount and token must all be right.
async fn read(
    State(sandbox): State<Sandbox>,
    Extension(faults): Extension<Faults>,
    Path(country): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = check(&sandbox, &country, &headers) {
        return *refusal;
    }
    let Ok(asked) = serde_json::from_slice::<StatusRequest>(&body) else {
        return *no(StatusCode::BAD_REQUEST, "23", "Missing body field");
    };
    let found = sandbox.state().read(|books| books.collections.get(&asked.pay_token).cloned());
    let Some(found) = found.filter(|it| (&it.reference, it.amount) == (&asked.order_id, asked.amount)) else {
        return *no(StatusCode::NOT_FOUND, "60", "Resource not found");
    };
    let state = if Faults::on(faults.pending) { Standing::Waiting } else { found.state };
    let status = match state {
        Standing::Waiting if found.state == Standing::Done => Status::Pending,
        Standing::Waiting => Status::Initiated,
        Standing::Done => Status::Success,
        Standing::Failed => Status::Failed,
        Standing::Expired => Status::Expired,
    };
    let txnid = (status == Status::Success).then_some(found.transaction_id);
    (StatusCode::CREATED, Json(TransactionStatus { status, order_id: Some(found.reference), txnid })).into_response()
}

fn check(sandbox: &Sandbox, country: &str, headers: &HeaderMap) -> Result<(), Box<Response>> {
    if !admitted(sandbox, "orange", headers) {
        return Err(no(StatusCode::UNAUTHORIZED, "42", "Expired credentials"));
    }
    if country != sandbox.settings().orange.country {
        return Err(no(StatusCode::NOT_FOUND, "60", "Resource not found"));
    }
    Ok(())
}
