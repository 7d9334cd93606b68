//! `POST, PUT /wh/{provider}/{payment_id}/{token}`: callbacks nobody signs (CX45; PROVIDERS §9). The address lets them in,
//! because only we make such addresses; what they say is kept and never believed: a job asks the provider.
//!
//! The address is a secret of a kind: it is compared in constant time, and nothing here writes it anywhere.

use super::webhooks::{Outcome, Reason, Receipt, answer, whole};
use crate::{
    App,
    error::Door,
    middleware::{client, panicked},
};
use axum::{
    Router,
    extract::{Path, Request, State},
    response::Response,
    routing::post,
};
use domain::{
    ids::PaymentId,
    payments::{
        CallbackRef, Received,
        provider::{News, ProviderEvent},
    },
    refusals::Refusal,
};
use integrations::payments::{
    callback::{Callback, digest},
    orange::wire::Notification,
};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::{OpenApi, openapi::OpenApi as Document};

/// The providers whose callbacks nobody signs.
pub const UNSIGNED: [&str; 2] = ["mtn", "orange"];

/// The routes under `/wh`, outside the ordinary layers.
pub fn router(app: App) -> Router {
    let closed = async || crate::error::ApiError::from(Door::MethodNotAllowed);
    Router::new()
        .route("/wh/{provider}/{payment_id}/{token}", post(receive).put(receive))
        .method_not_allowed_fallback(closed)
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(Arc::new(app))
}

#[derive(OpenApi)]
#[openapi(paths(described))]
struct Described;

/// What the document says about these routes.
#[must_use]
pub fn document() -> Document {
    Described::openapi()
}

/// A provider's unsigned callback
///
/// Its address was given to the provider for this payment only. 2xx: stored, perhaps again. 404: not an address of ours.
/// What it says has no effect of its own: the provider is asked.
#[utoipa::path(post, put, path = "/wh/{provider}/{payment_id}/{token}", tag = "money", security(()),
    params(
        ("provider" = String, Path, description = "`mtn` or `orange`", example = "mtn"),
        ("payment_id" = Uuid, Path, description = "The payment"),
        ("token" = String, Path, description = "What makes the address ours")
    ),
    request_body(content = Object, description = "The provider's own JSON"),
    responses((status = 200, body = Receipt)))]
#[allow(dead_code)]
fn described() {}

async fn receive(
    State(app): State<Arc<App>>,
    Path(named): Path<(String, String, String)>,
    request: Request,
) -> Response {
    let address = client::address(request.extensions(), request.headers(), app.config.trusted_proxies);
    let taken = take(&app, named, request).await;
    answer(&app, address, taken)
}

async fn take(app: &App, (provider, payment, token): (String, String, String), request: Request) -> Outcome<bool> {
    let payment: PaymentId = payment.parse().map_err(|_| stranger())?;
    let body = whole(request.into_body()).await?;
    let known = app.accounts.callback(&app.db, payment).await;
    let known = known.map_err(|lookup| (Reason::Unavailable, lookup.into()))?.ok_or_else(stranger)?;
    admit(app, &known, &provider, payment, &token)?;
    repeats_the_word(&known, &body)?;
    let event = ProviderEvent {
        // one delivery, one fact: the same bytes again are the same event
        key: format!("{payment}/{}", hex::encode(Sha256::digest(&body))),
        kind: format!("{provider}.callback"),
        live: None,
        news: News::Hint { payment },
    };
    let received = Received { account: known.account, event, body: body.to_vec(), fresh: true };
    app.gatherer.store(known.org, received).await.map_err(|door| (Reason::Unavailable, door.into()))
}

/// An unknown payment and a wrong token look the same.
fn stranger() -> (Reason, crate::error::ApiError) {
    (Reason::BadToken, Refusal::NotFound.into())
}

fn admit(app: &App, known: &CallbackRef, provider: &str, payment: PaymentId, token: &str) -> Outcome<()> {
    let callback = Callback { provider: &known.provider, payment, price: known.price, opened_at: known.opened_at };
    let ours = app.config.callback_keys.admit(&callback, token);
    let expected = provider == known.provider && UNSIGNED.contains(&provider) && !callback.is_over(known.now);
    if ours && expected { Ok(()) } else { Err(stranger()) }
}

/// Orange repeats a word it told us when the payment was opened (PROVIDERS §2A). A notification that comes before we
/// have noted the word is let in: its only effect is a question.
fn repeats_the_word(known: &CallbackRef, body: &[u8]) -> Outcome<()> {
    let Some(expected) = &known.digest else { return Ok(()) };
    let said: Notification = serde_json::from_slice(body).map_err(|_| stranger())?;
    if bool::from(digest(&said.notif_token).ct_eq(expected)) { Ok(()) } else { Err(stranger()) }
}
