//! Who may talk to MTN: an API user and a subscription for a token, then token, subscription and environment.

use super::no;
use crate::fcm::{admitted, issue};
use crate::sandbox::Sandbox;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::{Engine, prelude::BASE64_STANDARD};
use integrations::Secret;
use integrations::payments::mtn::wire::TokenRequest;
use integrations::signing::same_secret;
use serde_json::json;

/// One of the products, by the scope of its tokens.
#[derive(Clone, Copy)]
pub(super) enum Product {
    Collection,
    Disbursement,
}

impl Product {
    fn scope(self) -> &'static str {
        match self {
            Self::Collection => "mtn.collection",
            Self::Disbursement => "mtn.disbursement",
        }
    }

    fn key(self, sandbox: &Sandbox) -> &Secret {
        let contract = &sandbox.settings().mtn;
        match self {
            Self::Collection => &contract.collection_key,
            Self::Disbursement => &contract.disbursement_key,
        }
    }
}

/// `POST /collection/token/`.
pub(super) async fn collection_token(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    token(&sandbox, Product::Collection, &headers, &body)
}

/// `POST /disbursement/token/`.
pub(super) async fn disbursement_token(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    token(&sandbox, Product::Disbursement, &headers, &body)
}

/// As met live (PROVIDERS §3.2): no body is a 411, a form is answered with a page, JSON works.
fn token(sandbox: &Sandbox, product: Product, headers: &HeaderMap, body: &[u8]) -> Response {
    if body.is_empty() {
        return StatusCode::LENGTH_REQUIRED.into_response();
    }
    let asked = serde_json::from_slice::<TokenRequest>(body);
    if !asked.is_ok_and(|asked| asked.grant_type == "client_credentials") {
        return Html("<html><body>Request Rejected</body></html>").into_response();
    }
    if !knows_user(sandbox, headers) || !subscribed(sandbox, product, headers) {
        return *no(StatusCode::UNAUTHORIZED, "LOGIN_FAILED", "unknown user or subscription");
    }
    let life = sandbox.knobs().tuning().token_seconds;
    let access_token = issue(sandbox, product.scope(), "", life);
    Json(json!({ "access_token": access_token, "token_type": "access_token", "expires_in": life })).into_response()
}

/// The refusal of a call that proves too little.
pub(super) fn check(sandbox: &Sandbox, product: Product, headers: &HeaderMap) -> Result<(), Box<Response>> {
    if !admitted(sandbox, product.scope(), headers) {
        return Err(no(StatusCode::UNAUTHORIZED, "TOKEN_EXPIRED", "no such token"));
    }
    if !subscribed(sandbox, product, headers) {
        return Err(no(StatusCode::UNAUTHORIZED, "ACCESS_DENIED", "unknown subscription"));
    }
    let environment = text(headers, "x-target-environment");
    if environment != Some(&sandbox.settings().mtn.target_environment) {
        let words = "access to this environment is not allowed";
        return Err(no(StatusCode::INTERNAL_SERVER_ERROR, "NOT_ALLOWED_TARGET_ENVIRONMENT", words));
    }
    Ok(())
}

/// The order's own id.
pub(super) fn reference(headers: &HeaderMap) -> Result<String, Box<Response>> {
    let given = text(headers, "x-reference-id").and_then(|id| id.parse::<uuid::Uuid>().ok());
    let v4 = given.filter(|id| id.get_version_num() == 4).map(|id| id.to_string());
    v4.ok_or_else(|| no(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", "X-Reference-Id must be a UUID v4"))
}

pub(super) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn subscribed(sandbox: &Sandbox, product: Product, headers: &HeaderMap) -> bool {
    text(headers, "ocp-apim-subscription-key").is_some_and(|key| same_secret(key, product.key(sandbox)))
}

fn knows_user(sandbox: &Sandbox, headers: &HeaderMap) -> bool {
    let contract = &sandbox.settings().mtn;
    let given = text(headers, header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Basic "));
    let given = given.and_then(|coded| BASE64_STANDARD.decode(coded).ok());
    let given = given.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let Some((user, key)) = given.split_once(':') else { return false };
    user == contract.api_user && same_secret(key, &contract.api_key)
}
