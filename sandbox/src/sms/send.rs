//! `POST /smsmessaging/v1/outbound/{sender}/requests` (PROVIDERS §6.2).

use super::error;
use crate::fcm::admitted;
use crate::sandbox::Sandbox;
use crate::store::Sms;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use integrations::messages::sms_wire::Envelope;

/// The route.
pub(crate) async fn send(
    State(sandbox): State<Sandbox>,
    Path(sender): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !admitted(&sandbox, "sms", &headers) {
        return error(StatusCode::UNAUTHORIZED, "42", "Expired credentials");
    }
    let Ok(mut envelope) = serde_json::from_slice::<Envelope>(&body) else {
        return error(StatusCode::BAD_REQUEST, "SVC0002", "Invalid input value for message part");
    };
    let request = &mut envelope.request;
    let Some(to) = number(&request.address) else {
        return error(StatusCode::BAD_REQUEST, "SVC0004", "No valid addresses provided in address");
    };
    let short =
        |name: &String| name.len() <= 11 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ');
    if request.sender_address != sender || !request.sender_name.as_ref().is_none_or(short) {
        return error(StatusCode::BAD_REQUEST, "SVC0002", "Invalid input value for senderAddress or senderName");
    }
    if request.text.message.is_empty() {
        return error(StatusCode::BAD_REQUEST, "SVC0002", "Invalid input value for message");
    }
    let sms = Sms {
        id: message_id(),
        at: sandbox.now(),
        to,
        sender,
        sender_name: request.sender_name.clone(),
        text: request.text.message.clone(),
    };
    let path = format!("/smsmessaging/v1/outbound/{}/requests/{}", sms.sender, sms.id);
    request.resource_url = Some(format!("{}{path}", sandbox.public_url()));
    sandbox.state().write(|books| books.sms.put(sms));
    (StatusCode::CREATED, Json(envelope)).into_response()
}

/// The E.164 number of `tel:+225…`.
fn number(address: &str) -> Option<String> {
    let number = address.strip_prefix("tel:")?;
    let digits = number.strip_prefix('+')?;
    ((8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| number.to_owned())
}

fn message_id() -> String {
    uuid::Builder::from_random_bytes(rand::random()).into_uuid().to_string()
}
