//! FCM v1: the token a service account asks for, and one push per call (PROVIDERS §5).

mod check;
mod project;
mod send;
mod token;

pub use project::PushProject;
pub(crate) use send::send;
pub(crate) use token::{admitted, issue, token};

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use integrations::messages::push_wire::{ApiError, Detail, ErrorBody, FCM_ERROR};

/// A refusal with FCM's own code in its details.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let detail = Detail { kind: FCM_ERROR.into(), error_code: Some(code.into()), field_violations: Vec::new() };
    refusal(status, message, vec![detail])
}

/// A refusal in Google's form.
fn refusal(status: StatusCode, message: &str, details: Vec<Detail>) -> Response {
    let error = ApiError { code: status.as_u16(), message: message.into(), status: word(status).into(), details };
    (status, Json(ErrorBody { error })).into_response()
}

/// Google's word for a status.
fn word(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        _ => "INTERNAL",
    }
}
