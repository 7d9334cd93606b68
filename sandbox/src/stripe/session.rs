//! Checkout Sessions: made once per key, paid on a page, read, closed.

use super::{check, form, no, once, refused, session_of};
use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use crate::store::{Collection, State as Standing};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

/// `POST /v1/checkout/sessions`.
pub(super) async fn create(
    State(sandbox): State<Sandbox>,
    Extension(faults): Extension<Faults>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = check(&sandbox, &headers) {
        return *refusal;
    }
    let asked = match wanted(&sandbox, &body) {
        Ok(asked) => asked,
        Err(field) => return *no(StatusCode::BAD_REQUEST, "parameter_invalid", field),
    };
    let (id, url) = (asked.id.clone(), format!("{}/collect/{}", sandbox.public_url(), asked.id));
    let answer = sandbox.state().write(|books| {
        once(books, &headers, &body, |books| {
            let session = session_of(&asked, Some(url));
            books.collections.put(asked);
            (StatusCode::OK, serde_json::to_value(session).unwrap_or_default())
        })
    });
    if Faults::on(faults.early) {
        sandbox.approve_early(&id).await;
    }
    answer
}

fn wanted(sandbox: &Sandbox, body: &[u8]) -> Result<Collection, &'static str> {
    let fields = form::read(body);
    let text = |name: &'static str| fields.get(name).cloned().ok_or(name);
    let amount = text("line_items[0][price_data][unit_amount]")?.parse().ok().filter(|amount: &i64| *amount > 0);
    let currency = text("line_items[0][price_data][currency]")?;
    if text("mode")? != "payment" || currency != "xof" {
        return Err("mode or currency");
    }
    for name in ["success_url", "cancel_url", "line_items[0][price_data][product_data][name]"] {
        text(name)?;
    }
    Ok(Collection {
        id: sandbox.next_id("cs_test_"),
        provider: "card",
        reference: text("client_reference_id")?,
        amount: amount.ok_or("unit_amount")?,
        currency,
        payer: None,
        callback: None,
        notif_token: None,
        transaction_id: sandbox.next_id("pi_test_"),
        state: Standing::Waiting,
        reason: None,
        at: sandbox.now(),
    })
}

/// `GET /v1/checkout/sessions/{id}`.
pub(super) async fn read(
    State(sandbox): State<Sandbox>,
    Extension(faults): Extension<Faults>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = check(&sandbox, &headers) {
        return *refusal;
    }
    match sandbox.state().read(|books| books.collections.get(&id).cloned()) {
        Some(found) => {
            let mut session = session_of(&found, Some(format!("{}/collect/{id}", sandbox.public_url())));
            if let Some(amount) = faults.amount {
                session.amount_total = (amount > 0).then_some(amount);
            }
            session.currency = faults.currency.or(session.currency);
            Json(session).into_response()
        }
        None => *no(StatusCode::NOT_FOUND, "resource_missing", "No such checkout.session"),
    }
}

/// `POST /v1/checkout/sessions/{id}/expire`: only an open one.
pub(super) async fn expire(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = check(&sandbox, &headers) {
        return *refusal;
    }
    sandbox.state().write(|books| {
        once(books, &headers, &body, |books| match books.collections.get_mut(&id) {
            Some(open) if open.state == Standing::Waiting => {
                open.state = Standing::Expired;
                (StatusCode::OK, serde_json::to_value(session_of(open, None)).unwrap_or_default())
            }
            _ => refused(StatusCode::BAD_REQUEST, "invalid_request_error", "resource_not_open", "it is not open"),
        })
    })
}
