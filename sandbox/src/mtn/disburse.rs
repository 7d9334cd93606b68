//! Money out: transfers and refunds, each under the merchant's own UUID, each asked after until it is decided (§3.4).

use super::auth::{self, Product};
use super::{no, status};
use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use crate::store::{Collection, State as Standing, Transfer};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use integrations::payments::mtn::wire::{Order, Party, Reason, TextOrNumber, Transaction};

/// `POST /disbursement/v1_0/transfer`: 202 and nothing, 409 when the id was used.
pub(super) async fn transfer(
    State(sandbox): State<Sandbox>,
    Extension(faults): Extension<Faults>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(accept(&sandbox, "transfer", &faults, &headers, &body))
}

/// `POST /disbursement/v1_0/refund`, once per payment.
pub(super) async fn refund(
    State(sandbox): State<Sandbox>,
    Extension(faults): Extension<Faults>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(accept(&sandbox, "refund", &faults, &headers, &body))
}

fn answer(done: Result<(), Box<Response>>) -> Response {
    done.map_or_else(|refusal| *refusal, |()| StatusCode::ACCEPTED.into_response())
}

fn accept(
    sandbox: &Sandbox,
    kind: &'static str,
    faults: &Faults,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), Box<Response>> {
    auth::check(sandbox, Product::Disbursement, headers)?;
    let id = auth::reference(headers)?;
    let wrong = |words: &str| no(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", words);
    let order: Order = serde_json::from_slice(body).map_err(|_| wrong("unreadable order"))?;
    let amount = order.amount.money("XOF").filter(|money| money.amount > 0).ok_or_else(|| wrong("amount"))?.amount;
    sandbox.state().write(|books| {
        if books.transfers.get(&id).is_some() {
            return Err(no(StatusCode::CONFLICT, "RESOURCE_ALREADY_EXIST", "Duplicated reference id."));
        }
        let of = order.reference_id_to_refund.clone();
        let to = match kind {
            "refund" => {
                let paid = of.as_deref().and_then(|id| books.collections.get(id)).filter(|paid| is_paid(paid, amount));
                let paid = paid.ok_or_else(|| no(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "nothing to refund"));
                paid?.payer.clone()
            }
            _ => order.payee.clone().map(|payee| payee.party_id),
        };
        books.transfers.put(Transfer {
            id,
            provider: "mtn",
            kind,
            reference: order.external_id.clone(),
            amount,
            currency: order.currency.clone(),
            to,
            of,
            state: Standing::Waiting,
            fails_with: faults.payout_error.clone(),
            processing_reads: faults.processing_reads.unwrap_or(0),
            at: sandbox.now(),
        });
        Ok(())
    })
}

fn is_paid(collection: &Collection, amount: i64) -> bool {
    collection.state == Standing::Done && collection.amount >= amount
}

/// `GET /disbursement/v1_0/{transfer|refund}/{id}`.
pub(super) async fn read(State(sandbox): State<Sandbox>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refusal) = auth::check(&sandbox, Product::Disbursement, &headers) {
        return *refusal;
    }
    let found = sandbox.state().write(|books| {
        let transfer = books.transfers.get_mut(&id)?;
        transfer.look();
        Some(transfer.clone())
    });
    let Some(transfer) = found else {
        return *no(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "Requested resource was not found.");
    };
    let done = transfer.state == Standing::Done;
    Json(Transaction {
        amount: Some(crate::wave::amount(transfer.amount)),
        currency: Some(transfer.currency),
        external_id: Some(transfer.reference),
        financial_transaction_id: done.then_some(TextOrNumber::Number(190_000_001)),
        payer: None,
        payee: transfer.to.as_deref().map(Party::msisdn),
        status: status(transfer.state),
        reason: transfer.fails_with.filter(|_| transfer.state == Standing::Failed).map(Reason::Word),
    })
    .into_response()
}
