//! The sandbox's own routes, for programs: what came in, what to do wrong, what to do now.

mod act;
mod knobs;
mod list;
mod state;

use crate::sandbox::Sandbox;
use axum::Json;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;

/// `/sandbox/…`.
pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/sandbox/state", get(state::all))
        .route("/sandbox/checkouts", get(list::checkouts))
        .route("/sandbox/checkouts/{id}", get(list::checkout))
        .route("/sandbox/checkouts/{id}/pay", post(act::pay))
        .route("/sandbox/checkouts/{id}/refuse", post(act::refuse))
        .route("/sandbox/collections", get(list::collections))
        .route("/sandbox/collections/{id}/approve", post(act::approve))
        .route("/sandbox/collections/{id}/reject", post(act::reject))
        .route("/sandbox/collections/{id}/dispute", post(act::dispute))
        .route("/sandbox/disputes", get(list::disputes))
        .route("/sandbox/disputes/{id}/end", post(act::end_dispute))
        .route("/sandbox/transfers", get(list::transfers))
        .route("/sandbox/transfers/{id}/fail", post(act::fail))
        .route("/sandbox/payouts", get(list::payouts))
        .route("/sandbox/refunds", get(list::refunds))
        .route("/sandbox/pushes", get(list::pushes))
        .route("/sandbox/sms", get(list::sms))
        .route("/sandbox/mails", get(list::mails))
        .route("/sandbox/events", get(list::events))
        .route("/sandbox/deliveries", get(list::deliveries))
        .route("/sandbox/knobs", get(knobs::read).post(knobs::change).delete(knobs::clear))
        .route("/sandbox/movements", get(list::movements).post(act::stray))
        .route("/sandbox/movements/{about}", post(act::doctor))
        .route("/sandbox/reset", post(act::reset))
        .route("/sandbox/forge", post(act::forge))
        .route("/sandbox/redeliver/{event_id}", post(act::redeliver))
}

/// A refusal in the sandbox's own words.
fn refused(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}
