//! `GET, POST /ledger/closings`, `POST /ledger/transactions/{id}/reverse` (K2, CX20).

use crate::{
    App,
    caller::Caller,
    conditions::{Asked, IdempotencyKey},
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::{MaybeKey, Paging},
};
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{ids::TransactionId, ledger, permissions::Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A period of the books that is final.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LedgerClosing)]
pub struct Closing {
    /// Its id.
    id: Uuid,
    /// Everything that happened before is final.
    closed_before: DateTime<Utc>,
    /// When it was closed; by whom is in the audit trail.
    created_at: DateTime<Utc>,
}

impl From<ledger::Closing> for Closing {
    fn from(closing: ledger::Closing) -> Self {
        let ledger::Closing { id, closed_before, created_at } = closing;
        Self { id: id.into(), closed_before, created_at }
    }
}

/// What is closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Close {
    /// Everything before this day, in UTC; today at the latest.
    #[schema(example = "2026-11-01")]
    before: NaiveDate,
}

/// Closed periods
#[utoipa::path(get, path = "/ledger/closings", tag = "money", params(Paging),
    responses((status = 200, body = List<Closing>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::PaymentRead).await?;
    Ok(Reply::list(page, ledger::closings(&mut tx, page).await?.map(Closing::from)))
}

/// Close a period
///
/// For good: from then on the database refuses whatever would be dated into it, and what becomes known later is written with
/// the time it became known.
#[utoipa::path(post, path = "/ledger/closings", tag = "money", params(MaybeKey), request_body = Close,
    responses((status = 201, body = Data<Closing>)))]
pub async fn close(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(ask): Json<Close>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::BooksCorrect).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let closing = Closing::from(ledger::close(&mut tx, ask.before).await?);
    Ok(Reply::created("/api/v1/ledger/closings", closing).commit(tx, key.as_ref()).await?)
}

/// A transaction that took another back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LedgerReversal)]
pub struct Reversal {
    /// Its id.
    id: Uuid,
    /// The transaction it takes back.
    reverses_id: Uuid,
    /// Why.
    reason: String,
    /// When.
    occurred_at: DateTime<Utc>,
}

/// Why a correction is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reverse {
    /// 3 to 200 characters; no personal data.
    #[schema(example = "The provider corrected its list")]
    reason: String,
}

/// Take a correction back
///
/// By its mirror, once. What follows from a booking or a payment is not taken back by hand.
#[utoipa::path(post, path = "/ledger/transactions/{id}/reverse", tag = "money", request_body = Reverse,
    params(("id" = Uuid, Path, description = "The transaction"), MaybeKey), responses((status = 200, body = Data<Reversal>)))]
pub async fn reverse(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TransactionId>,
    key: Option<IdempotencyKey>,
    Json(ask): Json<Reverse>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::BooksCorrect).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let ledger::Reversal { id, reverses, memo, occurred_at } = ledger::reverse(&mut tx, id, &ask.reason).await?;
    let view = Reversal { id: id.into(), reverses_id: reverses.into(), reason: memo, occurred_at };
    Ok(Reply::ok(view).commit(tx, key.as_ref()).await?)
}
