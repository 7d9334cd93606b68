//! Refunds: made once per key, never more than was paid, listed by payment.

use super::{check, form, once, refused};
use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use crate::store::{State as Standing, Transfer};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use integrations::payments::stripe::wire::{DisputeStatus, List, Refund, RefundStatus};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
pub(super) struct Asked {
    payment_intent: Option<String>,
}

/// `POST /v1/refunds`.
pub(super) async fn create(
    State(sandbox): State<Sandbox>,
    Extension(faults): Extension<Faults>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = check(&sandbox, &headers) {
        return *refusal;
    }
    let (fields, id, at) = (form::read(&body), sandbox.next_id("re_test_"), sandbox.now());
    let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let (intent, amount) = (text("payment_intent"), text("amount").parse::<i64>().unwrap_or(0));
    sandbox.state().write(|books| {
        once(books, &headers, &body, |books| {
            let paid = books.collections.iter().find(|row| row.transaction_id == intent);
            let paid = paid.filter(|row| row.state == Standing::Done).map_or(0, |row| row.amount);
            let disputed = books.disputes.iter().map(|row| &row.dispute).any(|dispute| {
                dispute.payment_intent.as_ref() == Some(&intent) && dispute.status != DisputeStatus::Won
            });
            if disputed {
                let words = "the charge has been charged back";
                return refused(StatusCode::BAD_REQUEST, "invalid_request_error", "charge_disputed", words);
            }
            let back: i64 = books
                .transfers
                .iter()
                .filter(|row| row.of.as_ref() == Some(&intent) && row.state != Standing::Failed)
                .map(|row| row.amount)
                .sum();
            if amount <= 0 || back + amount > paid {
                let words = "the charge has been refunded, or was never made";
                return refused(StatusCode::BAD_REQUEST, "invalid_request_error", "charge_already_refunded", words);
            }
            let mut refund = Transfer {
                id,
                provider: "card",
                kind: "refund",
                reference: text("metadata[refund]"),
                amount,
                currency: "xof".into(),
                to: None,
                of: Some(intent.clone()),
                state: Standing::Waiting,
                fails_with: faults.payout_error.clone(),
                processing_reads: faults.processing_reads.unwrap_or(0),
                at,
            };
            refund.look();
            let shown = shown(&refund);
            books.transfers.put(refund);
            (StatusCode::OK, serde_json::to_value(shown).unwrap_or_default())
        })
    })
}

/// `GET /v1/refunds?payment_intent=`.
pub(super) async fn list(State(sandbox): State<Sandbox>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    if let Err(refusal) = check(&sandbox, &headers) {
        return *refusal;
    }
    let data = sandbox.state().write(|books| {
        let ids: Vec<String> = books
            .transfers
            .iter()
            .filter(|row| row.provider == "card" && row.of == asked.payment_intent)
            .map(|row| row.id.clone())
            .collect();
        let mut data = Vec::new();
        for id in ids {
            if let Some(refund) = books.transfers.get_mut(&id) {
                refund.look();
                data.push(shown(refund));
            }
        }
        data
    });
    Json(List { data }).into_response()
}

pub(super) fn shown(refund: &Transfer) -> Refund {
    Refund {
        id: refund.id.clone(),
        amount: refund.amount,
        payment_intent: refund.of.clone(),
        status: match refund.state {
            Standing::Waiting => RefundStatus::Pending,
            Standing::Done => RefundStatus::Succeeded,
            Standing::Failed | Standing::Expired => RefundStatus::Failed,
        },
        failure_reason: refund.fails_with.clone().filter(|_| refund.state == Standing::Failed),
        metadata: BTreeMap::from([("refund".to_owned(), refund.reference.clone())]),
    }
}
