//! `POST /v1/payout` and its key (PROVIDERS §1.5): the same key with the same body gives the first answer, with
//! another body it is refused; a new key pays again.

use super::CURRENCY;
use super::error::{WaveError, e164, francs, no_longer, read};
use super::fees::{Move, amount, fee_of};
use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use crate::store::{Books, KeptAnswer, Payout};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use integrations::payments::wave::wire::{self, PayoutRequest, PayoutStatus};
use serde_json::Value;

/// The route.
pub(super) async fn create(
    State(sandbox): State<Sandbox>,
    Extension(faults): Extension<Faults>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, WaveError> {
    let key = key(&headers)?;
    let (value, request): (_, PayoutRequest) = read(&headers, &body)?;
    let francs = check(&request, &value)?;
    let payout = accepted(&sandbox, request, key, &faults);
    let (now, movement) = (sandbox.wire_now(), sandbox.next_id("T"));
    let (status, answer) = sandbox.state().write(|books| once(books, value, payout, francs, movement, now))?;
    Ok((status, Json(answer)).into_response())
}

fn key(headers: &HeaderMap) -> Result<String, WaveError> {
    let wrong = |message| WaveError::field(&["header", "Idempotency-Key"], message);
    let key = headers.get("idempotency-key").ok_or_else(|| wrong("is missing"))?;
    let key = key.to_str().map_err(|_| wrong("must be text"))?;
    if (1..=255).contains(&key.len()) { Ok(key.to_owned()) } else { Err(wrong("1 to 255 characters")) }
}

fn check(request: &PayoutRequest, value: &Value) -> Result<i64, WaveError> {
    let francs = francs(value, "receive_amount")?;
    if request.currency != CURRENCY {
        return Err(WaveError::new(StatusCode::BAD_REQUEST, "currency-mismatch", "must be the wallet's currency"));
    }
    e164("mobile", &request.mobile)?;
    no_longer("client_reference", request.client_reference.as_deref(), 255)?;
    no_longer("name", request.name.as_deref(), 255)?;
    no_longer("payment_reason", request.payment_reason.as_deref(), 40)?;
    Ok(francs)
}

fn accepted(sandbox: &Sandbox, request: PayoutRequest, key: String, faults: &Faults) -> Payout {
    let fee = request.receive_amount.money(CURRENCY).map(|money| amount(fee_of(money.amount)));
    let payout = wire::Payout {
        id: sandbox.next_id("pt-"),
        currency: request.currency,
        receive_amount: request.receive_amount,
        fee,
        mobile: Some(request.mobile),
        name: request.name,
        client_reference: request.client_reference,
        status: PayoutStatus::Processing,
        timestamp: Some(sandbox.wire_now()),
        payout_error: None,
    };
    Payout {
        payout,
        key,
        payment_reason: request.payment_reason,
        processing_reads: faults.processing_reads.unwrap_or(0),
        fails_with: faults.payout_error.clone(),
    }
}

/// Under the lock, so that two requests with one key cannot both be the first.
fn once(
    books: &mut Books,
    request: Value,
    mut payout: Payout,
    francs: i64,
    movement: String,
    now: DateTime<Utc>,
) -> Result<(StatusCode, Value), WaveError> {
    if let Some(kept) = books.keys.get(&payout.key) {
        if kept.request != request {
            let message = "this key was used with another body";
            return Err(WaveError::new(StatusCode::CONFLICT, "idempotency-mismatch", message));
        }
        return Ok((StatusCode::from_u16(kept.status).unwrap_or_default(), kept.body.clone()));
    }
    let key = payout.key.clone();
    let (status, body) = if books.balance < francs + fee_of(francs) {
        let message = "the wallet does not hold enough";
        WaveError::new(StatusCode::BAD_REQUEST, "insufficient-funds", message).parts()
    } else {
        debit(books, &payout, francs, movement, now);
        if payout.processing_reads == 0 {
            payout.decide(books, now);
        }
        let body = serde_json::to_value(&payout.payout).unwrap_or_default();
        books.payouts.put(payout);
        (StatusCode::OK, body)
    };
    books.keys.put(KeptAnswer { key, request, status: status.as_u16(), body: body.clone() });
    Ok((status, body))
}

fn debit(books: &mut Books, payout: &Payout, francs: i64, transaction_id: String, now: DateTime<Utc>) {
    let out = Move { francs: -francs, fee: fee_of(francs), ..payout.movement(transaction_id, "api_payout", now) };
    out.book(books);
}

impl Payout {
    /// End a payout that is processing: paid, or failed and the money back.
    pub(super) fn decide(&mut self, books: &mut Books, now: DateTime<Utc>) {
        let Some(code) = self.fails_with.clone() else {
            self.payout.status = PayoutStatus::Succeeded;
            return;
        };
        self.payout.status = PayoutStatus::Failed;
        let error_message = "the payout failed".to_owned();
        self.payout.payout_error = Some(wire::PayoutError { error_code: code, error_message });
        self.give_back(books, now);
    }

    /// Amount and fee return to the wallet.
    pub(super) fn give_back(&self, books: &mut Books, now: DateTime<Utc>) {
        let francs = self.francs();
        let id = format!("{}-R", self.payout.id);
        let back = Move { francs, fee: -fee_of(francs), undoes: true, ..self.movement(id, "api_payout_reversal", now) };
        back.book(books);
    }

    fn movement(&self, transaction_id: String, kind: &'static str, at: DateTime<Utc>) -> Move {
        Move {
            transaction_id,
            kind,
            francs: 0,
            fee: 0,
            at,
            undoes: false,
            client_reference: self.payout.client_reference.clone(),
            checkout: None,
            name: self.payout.name.clone(),
            mobile: self.payout.mobile.clone(),
            reason: self.payment_reason.clone(),
        }
    }
}
