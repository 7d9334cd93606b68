//! The payer's page of one checkout, and its two buttons.

use super::answer;
use super::html::{badge, button, escape, page};
use crate::sandbox::Sandbox;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use integrations::payments::wave::wire::{CheckoutStatus, Session};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Pressed {
    from: Option<String>,
}

/// `GET /c/{session}`: where `wave_launch_url` leads.
pub(super) async fn show(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    let now = sandbox.now();
    match sandbox.state().read(|books| books.checkouts.get(&id).map(|checkout| checkout.as_of(now))) {
        Some(session) => answer(StatusCode::OK, page("Pay", None, &card(&session))),
        None => not_found(),
    }
}

fn card(session: &Session) -> String {
    let business = escape(session.business_name.as_deref().unwrap_or_default());
    let price = escape(&format!("{} {}", session.amount.0, session.currency));
    let below = match session.checkout_status {
        CheckoutStatus::Open => {
            let tried = session.last_payment_error.as_ref().map(|error| badge(&error.code)).unwrap_or_default();
            let pay = button("pay", &session.id, "payer", "Pay", "good");
            format!("{pay}{}<p>{tried}</p>", button("refuse", &session.id, "payer", "Refuse", "bad"))
        }
        CheckoutStatus::Complete => badge("complete"),
        _ => badge("expired"),
    };
    format!("<section class=\"payer\"><p>{business} asks for</p><p class=\"price\">{price}</p>{below}</section>")
}

/// `POST /pay/{session}`: as the payer, then back to the merchant; from the overview, back there.
pub(super) async fn pay(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Query(pressed): Query<Pressed>,
) -> Response {
    let paid = sandbox.pay(&id);
    back(&sandbox, &id, &pressed, paid.ok().and_then(|session| session.success_url))
}

/// `POST /refuse/{session}`: one attempt fails; the checkout stays open.
pub(super) async fn refuse(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Query(pressed): Query<Pressed>,
) -> Response {
    let refused = sandbox.refuse(&id, "insufficient-funds");
    back(&sandbox, &id, &pressed, refused.ok().and_then(|session| session.error_url))
}

fn back(sandbox: &Sandbox, id: &str, pressed: &Pressed, merchant: Option<String>) -> Response {
    if sandbox.state().read(|books| books.checkouts.get(id).is_none()) {
        return not_found();
    }
    let from_payer = pressed.from.as_deref() == Some("payer");
    let target = match (from_payer, merchant) {
        (true, Some(url)) => url,
        (true, None) => format!("/c/{id}"),
        (false, _) => "/".to_owned(),
    };
    Redirect::to(&target).into_response()
}

fn not_found() -> Response {
    answer(StatusCode::NOT_FOUND, page("Unknown", None, "<section class=\"payer\"><p>No such checkout.</p></section>"))
}
