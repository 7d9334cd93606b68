//! The pages for people: what came in, and the payer's side of a checkout.

mod asked;
mod html;
mod overview;
mod payer;
mod sections;

use crate::sandbox::Sandbox;
use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};

/// `/`, `/c/{session}`, `/pay/{session}`, `/refuse/{session}`, `/collect/{id}`, `/approve/{id}`, `/reject/{id}`.
pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/", get(overview::show))
        .route("/collect/{id}", get(asked::show))
        .route("/approve/{id}", post(asked::approve))
        .route("/reject/{id}", post(asked::reject))
        .route("/c/{session}", get(payer::show))
        .route("/pay/{session}", post(payer::pay))
        .route("/refuse/{session}", post(payer::refuse))
}

/// Nothing from elsewhere, no scripts: whatever came in cannot do anything here.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

fn answer(status: StatusCode, page: String) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, Html(page)).into_response()
}
