//! `POST /token`: a signed assertion for an access token (PROVIDERS §5.2).

use crate::sandbox::{Sandbox, real_now};
use crate::store::Token;
use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use integrations::messages::push_wire::{Claims, GRANT_TYPE, SCOPE, TokenRequest};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::json;

/// The longest life of an assertion, and how far clocks may differ, in seconds.
const LONGEST_LIFE: i64 = 3_600;
const SKEW: i64 = 60;

/// The route.
pub(crate) async fn token(State(sandbox): State<Sandbox>, form: Result<Form<TokenRequest>, FormRejection>) -> Response {
    let Ok(Form(request)) = form else { return refused("invalid_request", "grant_type and assertion are needed") };
    if request.grant_type != GRANT_TYPE {
        return refused("unsupported_grant_type", "the grant type is not known");
    }
    if let Err(why) = check(&sandbox, &request.assertion) {
        return refused("invalid_grant", why);
    }
    let life = sandbox.knobs().tuning().token_seconds;
    let access_token = issue(&sandbox, "push", "ya29.", life);
    Json(json!({"access_token": access_token, "expires_in": life, "token_type": "Bearer"})).into_response()
}

/// A new access token of `scope`, good for `life` seconds.
pub(crate) fn issue(sandbox: &Sandbox, scope: &'static str, prefix: &str, life: i64) -> String {
    let token = format!("{prefix}{:032x}", rand::random::<u128>());
    let expires = sandbox.now() + TimeDelta::seconds(life);
    sandbox.state().write(|books| books.tokens.put(Token { token: token.clone(), scope, expires }));
    token
}

/// Whether the request carries a token of `scope` that is still good.
pub(crate) fn admitted(sandbox: &Sandbox, scope: &str, headers: &axum::http::HeaderMap) -> bool {
    let given = headers.get(axum::http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(given) = given.and_then(|value| value.strip_prefix("Bearer ")) else { return false };
    let now = sandbox.now();
    sandbox.state().read(|books| books.tokens.get(given).is_some_and(|row| row.scope == scope && row.expires > now))
}

fn check(sandbox: &Sandbox, assertion: &str) -> Result<(), &'static str> {
    let project = &sandbox.settings().push;
    let own = || format!("{}/token", sandbox.public_url());
    let key = DecodingKey::from_rsa_pem(project.public_key.as_bytes()).map_err(|_| "no key to check with")?;
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[project.token_uri.clone().unwrap_or_else(own)]);
    rules.set_issuer(&[&project.client_email]);
    rules.set_required_spec_claims(&["aud", "exp", "iss"]);
    rules.leeway = SKEW.unsigned_abs();
    let claims = decode::<Claims>(assertion, &key, &rules).map_err(|_| "Invalid JWT Signature.")?.claims;
    if claims.scope != SCOPE {
        return Err("the scope is not for messaging");
    }
    let now = real_now().timestamp();
    let lasts = claims.exp.saturating_sub(claims.iat);
    if lasts > LONGEST_LIFE || claims.iat > now + SKEW {
        return Err("iat and exp are not reasonable");
    }
    Ok(())
}

fn refused(error: &str, why: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": error, "error_description": why}))).into_response()
}
