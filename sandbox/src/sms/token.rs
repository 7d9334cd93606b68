//! `POST /oauth/v3/token`: client id and secret for an access token (PROVIDERS §2A, §6.2).

use super::error;
use crate::fcm::issue;
use crate::sandbox::Sandbox;
use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::{Engine, prelude::BASE64_STANDARD};
use integrations::messages::sms_wire::TokenRequest;
use integrations::signing::same_secret;
use serde_json::json;

/// The route.
pub(crate) async fn token(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Response {
    let Some(scope) = known(&sandbox, &headers) else {
        return error(StatusCode::UNAUTHORIZED, "41", "Invalid client credentials");
    };
    if !form.is_ok_and(|Form(request)| request.grant_type == "client_credentials") {
        return error(StatusCode::BAD_REQUEST, "22", "grant_type must be client_credentials");
    }
    let life = sandbox.knobs().tuning().token_seconds;
    let access_token = issue(&sandbox, scope, "", life);
    Json(json!({"token_type": "Bearer", "access_token": access_token, "expires_in": life})).into_response()
}

/// Which contract the application has: one gateway, several products.
fn known(sandbox: &Sandbox, headers: &HeaderMap) -> Option<&'static str> {
    let settings = sandbox.settings();
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given =
        given.and_then(|value| value.strip_prefix("Basic ")).and_then(|coded| BASE64_STANDARD.decode(coded).ok());
    let given = given.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let (id, secret) = given.split_once(':')?;
    let contracts = [
        ("sms", &settings.sms_client_id, &settings.sms_client_secret),
        ("orange", &settings.orange.client_id, &settings.orange.client_secret),
    ];
    let contract = contracts.into_iter().find(|(_, client, proof)| id == *client && same_secret(secret, proof));
    contract.map(|(scope, ..)| scope)
}
