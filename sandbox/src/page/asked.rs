//! The payer's page at the providers beside Wave, and its two buttons.

use super::answer;
use super::html::{badge, button, escape, page};
use crate::sandbox::Sandbox;
use crate::store::{Collection, State as Standing};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// `GET /collect/{id}`: where `payment_url` leads.
pub(super) async fn show(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    match sandbox.state().read(|books| books.collections.get(&id).map(card)) {
        Some(card) => answer(StatusCode::OK, page("Pay", None, &card)),
        None => {
            let words = "<section class=\"payer\"><p>No such payment.</p></section>";
            answer(StatusCode::NOT_FOUND, page("Unknown", None, words))
        }
    }
}

fn card(collection: &Collection) -> String {
    let price = escape(&format!("{} {}", collection.amount, collection.currency));
    let below = match collection.state {
        Standing::Waiting => {
            button("approve", &collection.id, "payer", "Pay", "good")
                + &button("reject", &collection.id, "payer", "Refuse", "bad")
        }
        Standing::Done => badge("complete"),
        Standing::Failed => badge("failed"),
        Standing::Expired => badge("expired"),
    };
    let provider = escape(collection.provider);
    format!("<section class=\"payer\"><p>{provider} asks for</p><p class=\"price\">{price}</p>{below}</section>")
}

/// `POST /approve/{id}`.
pub(super) async fn approve(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    // decided before: the page shows how
    let _ = sandbox.approve(&id);
    Redirect::to(&format!("/collect/{id}")).into_response()
}

/// `POST /reject/{id}`.
pub(super) async fn reject(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    let _ = sandbox.reject(&id, "APPROVAL_REJECTED");
    Redirect::to(&format!("/collect/{id}")).into_response()
}
