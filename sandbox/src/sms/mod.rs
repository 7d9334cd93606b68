//! The Orange SMS API: a token, and one message per call (PROVIDERS §6.2).

mod send;
mod token;

pub(crate) use send::send;
pub(crate) use token::token;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use integrations::messages::sms_wire::{ErrorBody, Exception, RequestError};

/// A refusal: codes `SVC…` and `POL…` in the parlay form, all others in the gateway's.
pub(crate) fn error(status: StatusCode, code: &str, words: &str) -> Response {
    let exception = || Exception {
        message_id: code.into(),
        text: "The following error occurred: %1".into(),
        variables: vec![words.into()],
    };
    let body = match code.get(..3) {
        Some("SVC") => ErrorBody::Parlay { request_error: RequestError::ServiceException(exception()) },
        Some("POL") => ErrorBody::Parlay { request_error: RequestError::PolicyException(exception()) },
        _ => {
            let number = code.parse::<u32>().map_or_else(|_| code.into(), Into::into);
            ErrorBody::Gateway { code: number, message: words.into(), description: words.into() }
        }
    };
    (status, Json(body)).into_response()
}
