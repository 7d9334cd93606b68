//! Reading and reversing payouts (PROVIDERS §1.5). A read may be what ends a payout that is processing.

use super::error::WaveError;
use super::find_checkouts::ByReference;
use super::payer::PayRefused;
use crate::sandbox::Sandbox;
use crate::store::Books;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use integrations::payments::wave::wire::{Payout, PayoutStatus, SearchResult};

/// Wave takes a payout back for this long.
const REVERSIBLE: TimeDelta = TimeDelta::days(3);

/// `GET /v1/payout/{id}`.
pub(super) async fn by_id(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Result<Json<Payout>, WaveError> {
    let now = sandbox.wire_now();
    let read = sandbox.state().write(|books| read(books, &id, now));
    read.map(Json).ok_or_else(|| WaveError::not_found("not-found"))
}

/// `GET /v1/payouts/search?client_reference=`.
pub(super) async fn by_reference(
    State(sandbox): State<Sandbox>,
    Query(query): Query<ByReference>,
) -> Result<Json<SearchResult<Payout>>, WaveError> {
    let wanted = query.client_reference.ok_or_else(|| WaveError::field(&["client_reference"], "is missing"))?;
    let now = sandbox.wire_now();
    let result = sandbox.state().write(|books| {
        let mut rows = books.payouts.tagged(&wanted);
        rows.retain(|row| row.payout.client_reference.as_ref() == Some(&wanted));
        rows.iter().filter_map(|row| read(books, &row.payout.id, now)).collect()
    });
    Ok(Json(SearchResult { result }))
}

fn read(books: &mut Books, id: &str, now: DateTime<Utc>) -> Option<Payout> {
    let row = books.payouts.get_mut(id)?;
    if row.payout.status != PayoutStatus::Processing {
        return Some(row.payout.clone());
    }
    if row.processing_reads > 0 {
        row.processing_reads -= 1;
        return Some(row.payout.clone());
    }
    let mut decided = row.clone();
    decided.decide(books, now);
    let answer = decided.payout.clone();
    *books.payouts.get_mut(id)? = decided;
    Some(answer)
}

/// `POST /v1/payout/{id}/reverse`: 200 and nothing; the second time changes nothing.
pub(super) async fn reverse(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Result<StatusCode, WaveError> {
    let now = sandbox.wire_now();
    sandbox.state().write(|books| take_back(books, &id, now)).map(|()| StatusCode::OK)
}

impl Sandbox {
    /// A payout that was made goes back to the wallet, within three days.
    ///
    /// # Errors
    /// [`PayRefused`] when it is not paid, or was too long ago.
    pub fn take_back(&self, id: &str) -> Result<(), PayRefused> {
        let now = self.wire_now();
        self.state().write(|books| take_back(books, id, now)).map_err(|_| PayRefused::Closed)
    }
}

fn take_back(books: &mut Books, id: &str, now: DateTime<Utc>) -> Result<(), WaveError> {
    let row = books.payouts.get_mut(id).ok_or_else(|| WaveError::not_found("not-found"))?;
    match row.payout.status {
        PayoutStatus::Reversed => return Ok(()),
        PayoutStatus::Succeeded => {}
        _ => return Err(WaveError::new(StatusCode::CONFLICT, "payout-not-reversible", "it is not paid")),
    }
    if row.payout.timestamp.is_some_and(|made| made + REVERSIBLE < now) {
        let code = "payout-reversal-time-limit-exceeded";
        return Err(WaveError::new(StatusCode::BAD_REQUEST, code, "three days are over"));
    }
    row.payout.status = PayoutStatus::Reversed;
    let reversed = row.clone();
    reversed.give_back(books, now);
    Ok(())
}
