//! Every HTTP route. The operation names are those of rules ([`crate::Rule::operation`]):
//! `checkout.{create,find,search,get,expire,refund}`, `transaction.refund`, `payout.{create,get,search,reverse}`,
//! `balance.get`, `transactions.list`,
//! `mtn.{token,collect,collect_status,balance,transfer,transfer_status,refund,refund_status}`,
//! `sonatel.{token,qrcode,search}` (under `/sonatel`),
//! `card.{create,get,expire,refund,refunds,disputes}` (under `/stripe`),
//! `orange.{webpayment,status}` (its token is `sms.token`), `push.{token,send}`, `sms.{token,send}`; beside them stand
//! `smtp` (one per recipient) and `webhook.<event type>` or `webhook.<provider>` (one per event).

use crate::fault::operation;
use crate::sandbox::Sandbox;
use crate::{control, fcm, mtn, orange, page, sms, sonatel, stripe, wave};
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::post;
use runtime::health::Health;

/// The whole program's routes.
pub(crate) fn all(sandbox: &Sandbox) -> Router {
    Router::new()
        .merge(wave::routes(sandbox))
        .merge(mtn::routes(sandbox))
        .merge(orange::routes(sandbox))
        .merge(stripe::routes(sandbox))
        .merge(sonatel::routes(sandbox))
        .merge(messages(sandbox))
        .merge(control::routes())
        .merge(page::routes())
        .with_state(sandbox.clone())
        .merge(Health::new(sandbox.stopping()).router::<()>())
        .fallback(async || (StatusCode::NOT_FOUND, "nothing here\n"))
        .layer(from_fn(runtime::requests::track))
}

fn messages(sandbox: &Sandbox) -> Router<Sandbox> {
    let guarded = |name, route| operation(sandbox, name, route);
    Router::new()
        .route("/token", guarded("push.token", post(fcm::token)))
        .route("/v1/projects/{project}/messages:send", guarded("push.send", post(fcm::send)))
        .route("/oauth/v3/token", guarded("sms.token", post(sms::token)))
        .route("/smsmessaging/v1/outbound/{sender}/requests", guarded("sms.send", post(sms::send)))
}
