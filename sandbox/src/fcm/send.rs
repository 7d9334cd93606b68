//! `POST /v1/projects/{project}/messages:send` (PROVIDERS §5.3, §5.4). Tokens that begin with `dead` are no longer
//! registered; those that begin with `quota` are over their quota.

use super::check;
use super::{admitted, error, refusal};
use crate::sandbox::Sandbox;
use crate::store::Push;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use integrations::messages::push_wire::{BAD_REQUEST, Detail, FCM_ERROR, FieldViolation, Sent};
use serde_json::Value;

/// What a device over its quota is told to wait, in seconds.
const QUOTA_WAIT: u32 = 1;

/// The route.
pub(crate) async fn send(
    State(sandbox): State<Sandbox>,
    Path(project): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !admitted(&sandbox, "push", &headers) {
        return refusal(StatusCode::UNAUTHORIZED, "the access token is not valid", Vec::new());
    }
    if project != sandbox.settings().push.project_id {
        return error(StatusCode::FORBIDDEN, "SENDER_ID_MISMATCH", "another project's token");
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return refusal(StatusCode::BAD_REQUEST, "the body is not JSON", Vec::new());
    };
    let (message, token) = match check::message(&body) {
        Ok(found) => found,
        Err((field, words)) => return violation(field, words),
    };
    let outcome = match &token {
        token if token.starts_with("dead") => "UNREGISTERED",
        token if token.starts_with("quota") => "QUOTA_EXCEEDED",
        _ => "sent",
    };
    let id = sandbox.next_id(&format!("projects/{project}/messages/0:"));
    if body.get("validate_only") != Some(&Value::Bool(true)) {
        let outcome = outcome.to_owned();
        let push = Push { id: id.clone(), at: sandbox.now(), token, message: message.clone(), outcome };
        sandbox.state().write(|books| books.pushes.put(push));
    }
    answer(outcome, id)
}

fn answer(outcome: &str, name: String) -> Response {
    match outcome {
        "UNREGISTERED" => error(StatusCode::NOT_FOUND, outcome, "Requested entity was not found."),
        "QUOTA_EXCEEDED" => {
            let mut answer = error(StatusCode::TOO_MANY_REQUESTS, outcome, "Quota exceeded.");
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(QUOTA_WAIT));
            answer
        }
        _ => Json(Sent { name }).into_response(),
    }
}

fn violation(field: &str, description: &str) -> Response {
    let violation = FieldViolation { field: field.into(), description: description.into() };
    let named = Detail { kind: BAD_REQUEST.into(), error_code: None, field_violations: vec![violation] };
    let code = "INVALID_ARGUMENT".to_owned();
    let coded = Detail { kind: FCM_ERROR.into(), error_code: Some(code), field_violations: Vec::new() };
    refusal(StatusCode::BAD_REQUEST, description, vec![coded, named])
}
