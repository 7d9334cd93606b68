//! What surrounds every route: who calls how often, how large, how long, and what every answer carries.

pub mod again;
pub mod body;
pub mod client;
pub mod cors;
pub mod headers;
pub mod limits;
pub mod older_paths;
pub mod pace;

use crate::{
    App,
    envelope::REQUEST_ID,
    error::{ApiError, Door},
};
use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use domain::refusals::Refusal;
use runtime::requests::{RequestId, track};
use std::{any::Any, time::Duration};
use tower_http::catch_panic::CatchPanicLayer;

/// Longer than the longest wait a client may ask for, and than the database's own statement limit.
const LONGEST_REQUEST: Duration = Duration::from_secs(45);

/// The ordinary layers around the routes of `/api/v1`; the last one added is met first.
pub fn around(routes: Router, app: &App) -> Router {
    routes
        .fallback(async || ApiError::from(Refusal::NotFound))
        .method_not_allowed_fallback(async || ApiError::from(Door::MethodNotAllowed))
        .layer(from_fn(again::again))
        .layer(from_fn(body::buffer))
        .layer(from_fn_with_state(app.clone(), pace::limit))
        .layer(from_fn(within_time))
        .layer(cors::layer(&app.config.cors_origins))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(named))
        .layer(from_fn(track))
}

/// Answers for a route that panicked: a bug of ours, never the client's to read.
#[allow(clippy::needless_pass_by_value, reason = "the layer hands it over")]
pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = words.unwrap_or("without words"), "a route panicked");
    ApiError::from(Door::Internal).into_response()
}

/// Makes the request's id known to the envelope.
async fn named(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    REQUEST_ID.scope(id, next.run(request)).await
}

async fn within_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(LONGEST_REQUEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("a request took too long and was given up");
            ApiError::from(Door::Timeout).into_response()
        }
    }
}
