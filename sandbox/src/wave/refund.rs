//! Refunds: whole, once, repeatable (PROVIDERS §1.4).

use super::error::WaveError;
use super::fees::{Move, fee_of};
use super::find_checkouts::NO_SUCH_SESSION;
use crate::sandbox::Sandbox;
use crate::store::{Books, Refund};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use integrations::payments::wave::wire::CheckoutStatus;

/// `POST /v1/checkout/sessions/{id}/refund`: 200 and nothing; the second time changes nothing.
pub(super) async fn of_checkout(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
) -> Result<StatusCode, WaveError> {
    let (now, refund_id) = (sandbox.wire_now(), sandbox.next_id("T"));
    sandbox.state().write(|books| refund(books, &id, refund_id, now))
}

/// `POST /v1/transactions/{transaction_id}/refund`.
pub(super) async fn of_transaction(
    State(sandbox): State<Sandbox>,
    Path(transaction_id): Path<String>,
) -> Result<StatusCode, WaveError> {
    let (now, refund_id) = (sandbox.wire_now(), sandbox.next_id("T"));
    sandbox.state().write(|books| {
        let mut paid = books.checkouts.tagged(&transaction_id).into_iter();
        let checkout = paid.find(|row| row.session.transaction_id.as_ref() == Some(&transaction_id));
        let checkout = checkout.ok_or_else(|| WaveError::not_found("not-found"))?;
        refund(books, &checkout.session.id, refund_id, now)
    })
}

fn refund(books: &mut Books, id: &str, refund_id: String, now: DateTime<Utc>) -> Result<StatusCode, WaveError> {
    let balance = books.balance;
    let checkout = books.checkouts.get_mut(id).ok_or_else(|| WaveError::not_found(NO_SUCH_SESSION))?;
    if checkout.refunded {
        return Ok(StatusCode::OK);
    }
    let francs = checkout.francs();
    let refused = |message| Err(WaveError::new(StatusCode::BAD_REQUEST, "checkout-refund-failed", message));
    if checkout.session.checkout_status != CheckoutStatus::Complete {
        return refused("the session is not paid");
    }
    // The fee comes back with the money, so the wallet needs only the rest.
    if balance < francs - fee_of(francs) {
        return refused("the wallet does not hold enough");
    }
    checkout.refunded = true;
    let (session, payer) = (checkout.session.clone(), checkout.paid_by.clone());
    let back = Move {
        transaction_id: refund_id.clone(),
        kind: "api_checkout_refund",
        francs: -francs,
        fee: -fee_of(francs),
        at: now,
        undoes: true,
        client_reference: session.client_reference.clone(),
        checkout: Some(session.id.clone()),
        name: None,
        mobile: payer,
        reason: None,
    };
    back.book(books);
    let client_reference = session.client_reference;
    books.refunds.put(Refund {
        transaction_id: refund_id,
        checkout: session.id,
        client_reference,
        amount: francs,
        at: now,
    });
    Ok(StatusCode::OK)
}
