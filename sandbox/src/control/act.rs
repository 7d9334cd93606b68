//! What a program can make happen: paying, refusing, forging, delivering again, forgetting.

use super::refused;
use crate::sandbox::Sandbox;
use crate::wave::{Doctored, PayRefused, Stray};
use crate::webhooks::Forge;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Why an attempt fails when nobody says.
const USUAL_FAILURE: &str = "insufficient-funds";

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pay {
    mobile: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refuse {
    code: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Again {
    times: Option<u32>,
    concurrent: Option<bool>,
}

/// `POST /sandbox/checkouts/{id}/pay`, body `{"mobile"?}` or none.
pub(super) async fn pay(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Response {
    match optional::<Pay>(&body) {
        Ok(pay) => outcome(sandbox.pay_from(&id, pay.mobile.as_deref())),
        Err(error) => unreadable(&error),
    }
}

/// `POST /sandbox/checkouts/{id}/refuse`, body `{"code"?}` or none.
pub(super) async fn refuse(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Response {
    match optional::<Refuse>(&body) {
        Ok(refuse) => outcome(sandbox.refuse(&id, refuse.code.as_deref().unwrap_or(USUAL_FAILURE))),
        Err(error) => unreadable(&error),
    }
}

/// `POST /sandbox/collections/{id}/approve`.
pub(super) async fn approve(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    outcome(sandbox.approve(&id))
}

/// `POST /sandbox/collections/{id}/reject`, body `{"code"?}` or none.
pub(super) async fn reject(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Response {
    match optional::<Refuse>(&body) {
        Ok(refuse) => outcome(sandbox.reject(&id, refuse.code.as_deref().unwrap_or("APPROVAL_REJECTED"))),
        Err(error) => unreadable(&error),
    }
}

/// `POST /sandbox/collections/{id}/dispute`, body `{"code"?}` or none: why, in the bank's word.
pub(super) async fn dispute(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Response {
    match optional::<Refuse>(&body) {
        Ok(refuse) => outcome(sandbox.dispute(&id, refuse.code.as_deref().unwrap_or("fraudulent"))),
        Err(error) => unreadable(&error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    won: bool,
}

/// `POST /sandbox/disputes/{id}/end`, body `{"won"}`: whether the merchant has won.
pub(super) async fn end_dispute(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Response {
    match serde_json::from_slice::<Decision>(&body) {
        Ok(decision) => outcome(sandbox.end_dispute(&id, decision.won)),
        Err(error) => unreadable(&error),
    }
}

/// `POST /sandbox/transfers/{id}/fail`, body `{"code"?}` or none: a refund that was sent comes back.
pub(super) async fn fail(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Response {
    match optional::<Refuse>(&body) {
        Ok(refuse) => outcome(sandbox.fail_refund(&id, refuse.code.as_deref().unwrap_or("lost_or_stolen_card"))),
        Err(error) => unreadable(&error),
    }
}

/// `POST /sandbox/movements`, body `{"amount","at"?}`: money nobody asked for; answers its transaction id.
pub(super) async fn stray(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    match serde_json::from_slice::<Stray>(&body) {
        Ok(stray) => Json(json!({ "transaction_id": sandbox.stray(&stray) })).into_response(),
        Err(error) => unreadable(&error),
    }
}

/// `POST /sandbox/movements/{about}`, body `{"hide"?,"amount"?,"fee"?,"at"?}`: lines of Wave's list made wrong.
pub(super) async fn doctor(State(sandbox): State<Sandbox>, Path(about): Path<String>, body: Bytes) -> Response {
    match optional::<Doctored>(&body) {
        Ok(how) => match sandbox.doctor(&about, &how) {
            0 => refused(StatusCode::NOT_FOUND, "no line of the list is about it"),
            lines => Json(json!({ "lines": lines })).into_response(),
        },
        Err(error) => unreadable(&error),
    }
}

/// `POST /sandbox/reset`.
pub(super) async fn reset(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.reset();
    StatusCode::NO_CONTENT
}

/// `POST /sandbox/forge`: answers with the delivery, after the receiver's answer.
pub(super) async fn forge(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    let forge: Forge = match serde_json::from_slice(&body) {
        Ok(forge) => forge,
        Err(error) => return unreadable(&error),
    };
    match sandbox.forge(forge).await {
        Some(delivery) => Json(delivery).into_response(),
        None => refused(StatusCode::NOT_FOUND, "no such checkout, or no webhook_url"),
    }
}

/// `POST /sandbox/redeliver/{event_id}?times=&concurrent=`: answers after the last answer of the receiver.
pub(super) async fn redeliver(
    State(sandbox): State<Sandbox>,
    Path(event_id): Path<String>,
    Query(again): Query<Again>,
) -> Response {
    let (times, concurrent) = (again.times.unwrap_or(1), again.concurrent.unwrap_or(false));
    match sandbox.redeliver(&event_id, times, concurrent).await {
        Some(deliveries) => {
            let statuses: Vec<Option<u16>> = deliveries.iter().map(|delivery| delivery.status).collect();
            Json(json!({ "statuses": statuses, "deliveries": deliveries })).into_response()
        }
        None => refused(StatusCode::NOT_FOUND, "no such event, or no webhook_url"),
    }
}

fn optional<T: Default + DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    if body.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(body)
}

fn unreadable(error: &serde_json::Error) -> Response {
    refused(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string())
}

fn outcome<T: Serialize>(done: Result<T, PayRefused>) -> Response {
    match done {
        Ok(done) => Json(done).into_response(),
        Err(PayRefused::Unknown) => refused(StatusCode::NOT_FOUND, &PayRefused::Unknown.to_string()),
        Err(why) => refused(StatusCode::CONFLICT, &why.to_string()),
    }
}
