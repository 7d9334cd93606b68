//! `GET /sandbox/{kind}?about=&limit=&skip=`: newest first, or, with `about`, all that carry the tag, oldest first.
//! A tag is a client reference, phone number, address, device token, checkout id, event id: whatever names it.

use super::refused;
use crate::sandbox::Sandbox;
use crate::store::{Books, Checkout, Record, Shelf};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Records in one answer when nobody says how many.
const USUAL: usize = 1_000;

#[derive(Deserialize)]
pub(super) struct Asked {
    about: Option<String>,
    limit: Option<usize>,
    skip: Option<usize>,
}

fn page<R: Record + Serialize>(sandbox: &Sandbox, asked: &Asked, shelf: impl Fn(&Books) -> &Shelf<R>) -> Json<Value> {
    let (total, items) = rows(sandbox, asked, shelf);
    Json(json!({ "total": total, "items": items }))
}

fn rows<R: Record>(sandbox: &Sandbox, asked: &Asked, shelf: impl Fn(&Books) -> &Shelf<R>) -> (u64, Vec<R>) {
    let (limit, skip) = (asked.limit.unwrap_or(USUAL), asked.skip.unwrap_or(0));
    sandbox.state().read(|books| {
        let shelf = shelf(books);
        match &asked.about {
            Some(tag) => {
                let found = shelf.tagged(tag);
                (found.len() as u64, found.into_iter().skip(skip).take(limit).collect())
            }
            None => (shelf.total(), shelf.newest(limit, skip)),
        }
    })
}

/// The record with its session as it stands now.
pub(super) fn present(sandbox: &Sandbox, checkout: Checkout) -> Checkout {
    Checkout { session: checkout.as_of(sandbox.now()), ..checkout }
}

/// Checkout sessions.
pub(super) async fn checkouts(State(sandbox): State<Sandbox>, Query(asked): Query<Asked>) -> Json<Value> {
    let (total, items) = rows(&sandbox, &asked, |books| &books.checkouts);
    let items: Vec<Checkout> = items.into_iter().map(|checkout| present(&sandbox, checkout)).collect();
    Json(json!({ "total": total, "items": items }))
}

/// Lines of Wave's list of movements.
pub(super) async fn movements(State(sandbox): State<Sandbox>, Query(asked): Query<Asked>) -> Json<Value> {
    page(&sandbox, &asked, |books| &books.movements)
}

/// One checkout session.
pub(super) async fn checkout(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    match sandbox.state().read(|books| books.checkouts.get(&id).cloned()) {
        Some(checkout) => Json(present(&sandbox, checkout)).into_response(),
        None => refused(StatusCode::NOT_FOUND, "there is no such checkout"),
    }
}

macro_rules! lists {
    ($($(#[$doc:meta])* $kind:ident),*) => {$(
        $(#[$doc])*
        pub(super) async fn $kind(State(sandbox): State<Sandbox>, Query(asked): Query<Asked>) -> Json<Value> {
            page(&sandbox, &asked, |books| &books.$kind)
        }
    )*};
}

lists!(
    /// Payouts.
    payouts,
    /// Refunds.
    refunds,
    /// Payments asked for at the other providers.
    collections,
    /// Money sent out at the other providers.
    transfers,
    /// Card payments their payers take back.
    disputes,
    /// Push messages.
    pushes,
    /// Text messages.
    sms,
    /// Mails.
    mails,
    /// Webhook events.
    events,
    /// Attempts to deliver events.
    deliveries
);
