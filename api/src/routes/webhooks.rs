//! `POST, PUT /webhooks/{provider}/{account_id}`: is it them, store it, answer (A6, J9, J10, CX45; PROVIDERS §1.7).
//!
//! Settling comes later, in a job. This path is lean on purpose: a body, a MAC over its raw bytes, a share of one
//! commit. It has no log line per event and no limit for those who sign; who fails is counted and slowed down.
//! A 4xx says "not authentic" or "not an event"; everything that may pass is a 5xx, so that the provider comes again.

use crate::{
    App,
    error::{ApiError, Door},
    middleware::{body, client, panicked},
};
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
    routing::post,
};
use domain::{
    ids::ProviderAccountId,
    payments::{AccountRef, Received, provider::ProviderEvent},
    refusals::Refusal,
};
use http::HeaderMap;
use integrations::payments::{
    sonatel::webhook as sonatel,
    stripe::webhook as stripe,
    wave::webhook::{self as wave, Strategy},
    webhook::Freshness,
};
use serde::Serialize;
use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::{OpenApi, ToSchema, openapi::OpenApi as Document};

/// The largest event. Providers send a few kilobytes.
const LARGEST: usize = 256 * 1024;
/// Who takes longer to say it is not a provider.
const LONGEST_READ: Duration = Duration::from_secs(10);
/// What the event table takes; more is no event of theirs.
const LONGEST_KEY: usize = 255;
const LONGEST_KIND: usize = 100;

/// The routes under `/api/v1/webhooks`, outside the ordinary layers.
pub fn router(app: App) -> Router {
    let closed = async || ApiError::from(Door::MethodNotAllowed);
    Router::new()
        .route("/api/v1/webhooks/{provider}/{account_id}", post(receive).put(receive))
        .method_not_allowed_fallback(closed)
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(Arc::new(app)) // one pointer per event, not a dozen
}

#[derive(OpenApi)]
#[openapi(paths(described))]
struct Described;

/// What the document says about these routes.
#[must_use]
pub fn document() -> Document {
    Described::openapi()
}

/// A provider's event
///
/// Signed by the provider over the raw body. 2xx: stored, perhaps again. 401: the signature does not verify. 503: not
/// stored, send it again.
#[utoipa::path(post, put, path = "/api/v1/webhooks/{provider}/{account_id}", tag = "money", security(()),
    params(
        ("provider" = String, Path, description = "`wave`, `card` or `sonatel`", example = "wave"),
        ("account_id" = Uuid, Path, description = "Our account at the provider"),
        ("Wave-Signature" = Option<String>, Header, description = "Wave: `t=<unix seconds>,v1=<hex>[,v1=<hex>]`"),
        ("Stripe-Signature" = Option<String>, Header, description = "Stripe: the same form"),
        ("X-Sonatel-Signature" = Option<String>, Header, description = "Sonatel: the same form")
    ),
    request_body(content = Object, description = "The provider's own JSON"),
    responses((status = 200, body = Receipt)))]
#[allow(dead_code)]
fn described() {}

/// Thanks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Receipt {
    /// The event is stored.
    #[schema(example = true)]
    received: bool,
    /// False when it was stored before.
    new: bool,
}

/// Why an event was not taken, for the figures.
#[derive(Clone, Copy)]
pub(super) enum Reason {
    UnknownAccount,
    /// Its address was not made by us, or its word is not the one we were told.
    BadToken,
    /// Too large, too slow or broken off.
    Unread,
    BadSignature,
    Malformed,
    /// Of money for trying out, at an account of real money, or the other way round.
    OtherMode,
    Unavailable,
}

impl Reason {
    fn label(self) -> &'static str {
        match self {
            Self::UnknownAccount => "unknown_account",
            Self::BadToken => "bad_token",
            Self::Unread => "unread",
            Self::BadSignature => "bad_signature",
            Self::Malformed => "malformed",
            Self::OtherMode => "other_mode",
            Self::Unavailable => "unavailable",
        }
    }
}

pub(super) type Outcome<T> = Result<T, (Reason, ApiError)>;

async fn receive(State(app): State<Arc<App>>, Path(named): Path<(String, String)>, request: Request) -> Response {
    let address = client::address(request.extensions(), request.headers(), app.config.trusted_proxies);
    let taken = take(&app, named, request).await;
    answer(&app, address, taken)
}

/// Thanks, or a no that counts against a stranger.
pub(super) fn answer(app: &App, address: IpAddr, taken: Outcome<bool>) -> Response {
    match taken {
        Ok(new) => {
            metrics::counter!("webhooks_accepted_total", "new" => if new { "yes" } else { "no" }).increment(1);
            Json(Receipt { received: true, new }).into_response()
        }
        Err((reason, error)) => {
            metrics::counter!("webhooks_rejected_total", "reason" => reason.label()).increment(1);
            let stranger =
                matches!(reason, Reason::UnknownAccount | Reason::BadToken | Reason::BadSignature | Reason::Unread);
            let standing = app.limits.bad_webhooks.as_ref().filter(|_| stranger);
            let standing = standing.map(|counter| counter.count(&client::counted(address)));
            match standing.and_then(|standing| standing.refused) {
                Some(retry_after_seconds) => {
                    ApiError::from(Refusal::RateLimited { retry_after_seconds }).into_response()
                }
                None => error.into_response(),
            }
        }
    }
}

async fn take(app: &App, (provider, account): (String, String), request: Request) -> Outcome<bool> {
    let unknown = || (Reason::UnknownAccount, Refusal::NotFound.into());
    let id: ProviderAccountId = account.parse().map_err(|_| unknown())?;
    let (parts, stream) = request.into_parts();
    let body = whole(stream).await?;
    let account = app.accounts.find(&app.db, id).await.map_err(|lookup| (Reason::Unavailable, lookup.into()))?;
    let account = account.filter(|account| account.provider == provider).ok_or_else(unknown)?;

    let fresh = verify(app, &account, &parts.headers, &body)?;
    let event = read(&account, &body)?;
    let received = Received { account: id, event, body: body.to_vec(), fresh };
    app.gatherer.store(account.org, received).await.map_err(|door| (Reason::Unavailable, door.into()))
}

/// The whole body, within its bounds.
pub(super) async fn whole(stream: Body) -> Outcome<Bytes> {
    let body = tokio::time::timeout(LONGEST_READ, body::read(stream, LARGEST)).await;
    let body = body.map_err(|_| (Reason::Unread, Door::Timeout.into()))?;
    body.map_err(|refusal| (Reason::Unread, refusal.into()))
}

/// Over the raw bytes, before anything looks into them. False: truly signed, but too old to be believed.
fn verify(app: &App, account: &AccountRef, headers: &HeaderMap, body: &[u8]) -> Outcome<bool> {
    let Some(secrets) = app.config.webhooks.to(&account.secret_ref) else {
        // The account was added while we ran. The provider comes again for days: time enough for a restart.
        tracing::error!(secret_ref = %account.secret_ref, "a webhook came for an account this process has no secrets of");
        return Err((Reason::Unavailable, Door::Busy.into()));
    };
    let verdict = match account.provider.as_str() {
        "wave" => wave::verify(Strategy::Signing, secrets, headers, body, unix_now()),
        "card" => stripe::verify(secrets, headers, body, unix_now()),
        "sonatel" => sonatel::verify(secrets, headers, body, unix_now()),
        _ => return Err((Reason::UnknownAccount, Refusal::NotFound.into())),
    };
    verdict
        .map(|freshness| freshness == Freshness::Fresh)
        .map_err(|_| (Reason::BadSignature, Refusal::WebhookSignature.into()))
}

fn read(account: &AccountRef, body: &[u8]) -> Outcome<ProviderEvent> {
    let malformed = |problem: &str| {
        tracing::warn!(provider = %account.provider, problem, "a truly signed webhook is not an event");
        (Reason::Malformed, Refusal::invalid("body", problem).into())
    };
    let event = match account.provider.as_str() {
        "card" => stripe::read(body),
        "sonatel" => sonatel::read(body),
        _ => wave::read(body),
    };
    let event = event.map_err(|_| malformed("is not an event"))?;
    let storable = |text: &str, longest: usize| text.chars().count() <= longest && !text.contains('\0');
    if !storable(&event.key, LONGEST_KEY) || !storable(&event.kind, LONGEST_KIND) {
        return Err(malformed("has an id or type no event has"));
    }
    if event.live.is_some_and(|live| live != (account.mode == "live")) {
        tracing::error!(account = %account.id, mode = account.mode, "an event of the other mode was sent to this account");
        return Err((Reason::OtherMode, Refusal::invalid("livemode", "is not of this account's mode").into()));
    }
    Ok(event)
}

/// How old a signature is, is a question about real time; business time may be moved ahead.
#[allow(clippy::disallowed_methods, reason = "the age of a signature is measured against the real clock")]
fn unix_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
