//! `GET /v1/balance_transactions`: what moved on the account, the newest first, page by page.

use super::check;
use crate::sandbox::Sandbox;
use crate::store::{Books, State as Standing};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use integrations::payments::stripe::wire::{BalanceTransaction, Page, Source};
use std::collections::BTreeMap;

/// The most lines of one page.
const LARGEST_PAGE: usize = 100;

/// The route. A cursor is the id of the last line seen. No fees are played: they are what a contract says.
pub(super) async fn list(
    State(sandbox): State<Sandbox>,
    Query(asked): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = check(&sandbox, &headers) {
        return *refusal;
    }
    let number = |name: &str| asked.get(name).and_then(|text| text.parse::<i64>().ok());
    let (from, before) = (number("created[gte]").unwrap_or(i64::MIN), number("created[lt]").unwrap_or(i64::MAX));
    let size = number("limit").and_then(|size| usize::try_from(size).ok()).unwrap_or(10).clamp(1, LARGEST_PAGE);
    let mut lines = sandbox.state().read(lines);
    lines.retain(|line| (from..before).contains(&line.created));
    lines.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
    if let Some(after) = asked.get("starting_after") {
        let seen = lines.iter().position(|line| line.id == *after).map_or(lines.len(), |seen| seen + 1);
        lines.drain(..seen);
    }
    let has_more = lines.len() > size;
    lines.truncate(size);
    Json(Page { data: lines, has_more }).into_response()
}

fn lines(books: &Books) -> Vec<BalanceTransaction> {
    let paid = books.collections.iter().filter(|row| row.provider == "card" && row.state == Standing::Done);
    let paid = paid.map(|row| {
        let source = ("ch", row.transaction_id.clone(), ("payment", row.reference.clone()));
        line("charge", &row.id, row.amount, &row.currency, row.at.timestamp(), source)
    });
    let back = books.transfers.iter().filter(|row| row.provider == "card" && row.state == Standing::Done);
    let back = back.map(|row| {
        let source = ("re", row.of.clone().unwrap_or_default(), ("refund", row.reference.clone()));
        line("refund", &row.id, -row.amount, &row.currency, row.at.timestamp(), source)
    });
    paid.chain(back).collect()
}

fn line(
    kind: &str,
    id: &str,
    amount: i64,
    currency: &str,
    created: i64,
    (prefix, intent, (named, ours)): (&str, String, (&str, String)),
) -> BalanceTransaction {
    let source = Source {
        id: format!("{prefix}_{id}"),
        payment_intent: Some(intent),
        metadata: BTreeMap::from([(named.to_owned(), ours)]),
    };
    let (id, kind, currency) = (format!("txn_{id}"), kind.into(), currency.into());
    BalanceTransaction { id, amount, fee: 0, currency, created, kind, source: Some(source) }
}
