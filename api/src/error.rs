//! Refusal and fault → envelope and status: the only place with status codes of errors (T12, T13, T20).
//!
//! A refusal is told to the client word for word. A fault is told to the log, once, and to the client only as
//! `internal` or `unavailable`: its text may hold what nobody outside should read.

use crate::{envelope::ErrorBody, middleware::again::Undone};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use domain::{
    error::{Error, Fault},
    refusals::{Class, Refusal},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// What a route answers when it cannot do what was asked.
#[derive(Debug)]
pub enum ApiError {
    /// A rule or the world said no.
    Domain(Error),
    /// HTTP itself said no.
    Door(Door),
}

/// What a route returns.
pub type ApiResult<T> = Result<T, ApiError>;

/// Ways a request fails before any rule sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The path exists, not with this method.
    MethodNotAllowed,
    /// The body is not `application/json`.
    UnsupportedMediaType,
    /// The request took too long.
    Timeout,
    /// More work is waiting than we can take; the caller should come again.
    Busy,
    /// Our own mistake; the log knows.
    Internal,
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self::Domain(error)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::Domain(refusal.into())
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        Self::Domain(fault.into())
    }
}

impl From<Door> for ApiError {
    fn from(door: Door) -> Self {
        Self::Door(door)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Domain(Error::Refused(refusal)) => refused(&refusal),
            Self::Domain(Error::Fault(fault)) => failed(&fault),
            Self::Door(door) => closed(door),
        }
    }
}

/// The status of each kind of no.
fn status(class: Class) -> StatusCode {
    match class {
        Class::Invalid => StatusCode::BAD_REQUEST,
        Class::Unauthenticated => StatusCode::UNAUTHORIZED,
        Class::PaymentRequired => StatusCode::PAYMENT_REQUIRED,
        Class::Forbidden => StatusCode::FORBIDDEN,
        Class::Missing => StatusCode::NOT_FOUND,
        Class::Conflict => StatusCode::CONFLICT,
        Class::Gone => StatusCode::GONE,
        Class::Stale => StatusCode::PRECONDITION_FAILED,
        Class::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Class::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
        Class::Precondition => StatusCode::PRECONDITION_REQUIRED,
        Class::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Class::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn refused(refusal: &Refusal) -> Response {
    let mut response = answer(status(refusal.class()), refusal.code(), refusal.message(), refusal.details());
    if let Refusal::RateLimited { retry_after_seconds } | Refusal::CodeLimit { retry_after_seconds } = refusal {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_seconds));
    }
    if refusal.class() == Class::Unauthenticated {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge(refusal));
    }
    response
}

/// RFC 6750: a token that was shown and is not good is `invalid_token`; without one there is no error to name.
fn challenge(refusal: &Refusal) -> HeaderValue {
    HeaderValue::from_static(match refusal {
        Refusal::TokenInvalid | Refusal::TokenExpired => r#"Bearer realm="teranga", error="invalid_token""#,
        Refusal::WebhookSignature => r#"Signature realm="teranga""#,
        _ => r#"Bearer realm="teranga""#,
    })
}

fn failed(fault: &Fault) -> Response {
    match nature(fault) {
        Nature::BadValue(constraint) => {
            // A rule should have said so before the database did.
            tracing::warn!(%fault, "a value no rule refused");
            let refusal =
                Refusal::invalid(constraint.unwrap_or("body".to_owned()), "holds a value that cannot be stored");
            refused(&refusal)
        }
        Nature::Away => {
            tracing::error!(%fault, "unavailable");
            busy("The service cannot answer now; try again shortly.")
        }
        Nature::Undone => {
            tracing::warn!(%fault, "undone");
            let mut response = busy("Too many wanted the same at once; try again shortly.");
            response.extensions_mut().insert(Undone);
            response
        }
        Nature::Broken => {
            tracing::error!(%fault, "fault");
            closed(Door::Internal)
        }
    }
}

/// What a fault means to the person at the door.
enum Nature {
    /// The input got past the rules; names the constraint where there is one.
    BadValue(Option<String>),
    /// The database cannot be reached or is overloaded: asking again may help.
    Away,
    /// The database undid the work of one of two rivals: nothing happened.
    Undone,
    /// Everything else.
    Broken,
}

fn nature(fault: &Fault) -> Nature {
    use sqlx::Error as Sql;
    match fault {
        Fault::Database(Sql::Io(_) | Sql::Tls(_) | Sql::PoolTimedOut | Sql::PoolClosed | Sql::WorkerCrashed) => {
            Nature::Away
        }
        Fault::Database(Sql::Database(problem)) => match problem.code().as_deref() {
            // text with NUL, too long, out of range, malformed, or against a check
            Some("22001" | "22003" | "22007" | "22008" | "22021" | "22P02" | "22P05" | "23514") => {
                Nature::BadValue(problem.constraint().map(str::to_owned))
            }
            // lost a race of transactions, deadlock
            Some("40001" | "40P01") => Nature::Undone,
            // connection lost, going down, no room, lock or statement timeout
            Some("53300" | "55P03" | "57014" | "57P01" | "57P02" | "57P03") => Nature::Away,
            Some(code) if code.starts_with("08") => Nature::Away,
            _ => Nature::Broken,
        },
        _ => Nature::Broken,
    }
}

fn closed(door: Door) -> Response {
    let (status, code, message) = match door {
        Door::MethodNotAllowed => {
            (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This path does not take this method.")
        }
        Door::UnsupportedMediaType => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Send the body as application/json.")
        }
        Door::Timeout => return busy("The request took too long; whether it took effect is unknown, so ask again."),
        Door::Busy => return busy("Too much is waiting; try again shortly."),
        Door::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side."),
    };
    answer(status, code, message, json!({}))
}

fn busy(message: &str) -> Response {
    let mut response = answer(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message, json!({}));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn answer(status: StatusCode, code: &str, message: &str, details: Value) -> Response {
    (status, Json(ErrorBody::new(code, message, details))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::refusals::Refusal;

    fn of(error: impl Into<ApiError>) -> Response {
        error.into().into_response()
    }

    #[test]
    fn a_refusal_says_when_to_come_again_and_how_to_sign_in() {
        let slow_down = of(Refusal::RateLimited { retry_after_seconds: 7 });
        assert_eq!(slow_down.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(slow_down.headers()[header::RETRY_AFTER], "7");
        let who = of(Refusal::TokenExpired);
        assert_eq!(who.status(), StatusCode::UNAUTHORIZED);
        assert!(who.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().contains("invalid_token"));
    }

    #[tokio::test]
    async fn the_text_of_a_fault_stays_inside() {
        let response = of(Fault::corrupt("bookings", "row of +2250700000000"));
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("225"));
        assert_eq!(of(Fault::from(sqlx::Error::PoolTimedOut)).status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
