//! `GET, POST /wallet-adjustments`, `POST /wallet-adjustments/{id}/{approve,reject,reverse}` (K22, SN25).

use crate::{
    App,
    caller::Caller,
    conditions::{Asked, IdempotencyKey},
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::{Key, MaybeKey, Paging},
    routes::shared::MoneyView,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    ids::{AdjustmentId, UserId},
    money::Currency,
    permissions::Permission,
    refusals::Refusal,
    wallet::{self, AdjustmentFilter, AdjustmentStatus, NewAdjustment},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A correction of somebody's balance.
#[derive(Debug, Serialize, ToSchema)]
pub struct WalletAdjustment {
    /// Its id.
    id: Uuid,
    /// Whose balance.
    user_id: Uuid,
    /// By how much it rises, or falls when negative.
    delta: MoneyView,
    /// Why.
    reason: String,
    /// Whether a second person has to agree.
    needs_second: bool,
    /// `pending`, `applied` or `rejected`.
    #[schema(example = "applied")]
    status: &'static str,
    /// Who asked.
    asked_by: Uuid,
    /// Who decided.
    decided_by: Option<Uuid>,
    /// When.
    decided_at: Option<DateTime<Utc>>,
    /// Which one it undoes.
    reverses: Option<Uuid>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
}

/// What to correct.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Adjust {
    /// Whose balance.
    user_id: Uuid,
    /// `TKT`, or the organization's own.
    #[schema(example = "TKT")]
    currency: String,
    /// By how much it rises, or falls when negative; tickets, or minor units.
    #[schema(example = 5)]
    delta: i64,
    /// 1 to 1000 characters.
    #[schema(example = "The machine swallowed five tickets")]
    reason: String,
}

/// Why a correction is undone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// 1 to 1000 characters.
    #[schema(example = "Wrong player")]
    reason: String,
}

/// Corrections of balances
///
/// Newest first.
#[utoipa::path(get, path = "/wallet-adjustments", tag = "money",
    params(
        ("user_id" = Option<String>, Query, description = "Of this person's balance"),
        ("status" = Option<String>, Query, example = "pending", description = "`pending`, `applied`, `rejected`, or several after `in:`"),
        Paging
    ),
    responses((status = 200, body = List<WalletAdjustment>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let user = asked.value::<UserId>("user_id", "an id")?;
    let statuses = asked.words("status", AdjustmentStatus::CODES)?;
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::WalletAdjust).await?;
    let filter = AdjustmentFilter { user, statuses, id: None };
    Ok(Reply::list(page, wallet::adjustments(&mut tx, &filter, page).await?.map(WalletAdjustment::from)))
}

/// Correct a balance
///
/// Of somebody else, with a reason. Above the organization's limit it is `pending` until a second person agrees; otherwise
/// it is in the books at once. 402 when there is less than is taken.
#[utoipa::path(post, path = "/wallet-adjustments", tag = "money", params(Key), request_body = Adjust,
    responses((status = 201, body = Data<WalletAdjustment>)))]
pub async fn adjust(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    Json(ask): Json<Adjust>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::WalletAdjust).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, Some(&key)).await? {
        return Ok(earlier);
    }
    let unknown = |_| Refusal::invalid("currency", "must be TKT or the organization's own");
    let currency: Currency = ask.currency.parse().map_err(unknown)?;
    let new = NewAdjustment { user: UserId(ask.user_id), currency, delta: ask.delta, reason: ask.reason };
    let made = wallet::adjust(&mut tx, caller.user(), new).await?;
    Ok(created(made).commit(tx, Some(&key)).await?)
}

/// Agree to a correction
///
/// By somebody else than who asked for it, and than whose balance it is.
#[utoipa::path(post, path = "/wallet-adjustments/{id}/approve", tag = "money",
    params(("id" = Uuid, Path, description = "The correction"), MaybeKey),
    responses((status = 200, body = Data<WalletAdjustment>)))]
pub async fn approve(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AdjustmentId>,
    key: Option<IdempotencyKey>,
) -> ApiResult<Reply> {
    decide(&app, &caller, id, key, true).await
}

/// Decline a correction
///
/// Nothing moves. Who asked may take it back so.
#[utoipa::path(post, path = "/wallet-adjustments/{id}/reject", tag = "money",
    params(("id" = Uuid, Path, description = "The correction"), MaybeKey),
    responses((status = 200, body = Data<WalletAdjustment>)))]
pub async fn reject(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AdjustmentId>,
    key: Option<IdempotencyKey>,
) -> ApiResult<Reply> {
    decide(&app, &caller, id, key, false).await
}

async fn decide(
    app: &App,
    caller: &Caller,
    id: AdjustmentId,
    key: Option<IdempotencyKey>,
    agreed: bool,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(app, Permission::WalletAdjust).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let decided = wallet::decide(&mut tx, caller.user(), id, agreed).await?;
    Ok(Reply::ok(WalletAdjustment::from(decided)).commit(tx, key.as_ref()).await?)
}

/// Undo a correction
///
/// By its opposite, once, under the same rule: both stay in the books.
#[utoipa::path(post, path = "/wallet-adjustments/{id}/reverse", tag = "money",
    params(("id" = Uuid, Path, description = "The correction"), MaybeKey), request_body = Undo,
    responses((status = 201, body = Data<WalletAdjustment>)))]
pub async fn reverse(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AdjustmentId>,
    key: Option<IdempotencyKey>,
    Json(ask): Json<Undo>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::WalletAdjust).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let made = wallet::reverse(&mut tx, caller.user(), id, ask.reason).await?;
    Ok(created(made).commit(tx, key.as_ref()).await?)
}

fn created(made: wallet::Adjustment) -> Reply {
    Reply::created("/api/v1/wallet-adjustments".to_owned(), WalletAdjustment::from(made))
}

impl From<wallet::Adjustment> for WalletAdjustment {
    fn from(made: wallet::Adjustment) -> Self {
        Self {
            id: made.id.into(),
            user_id: made.user.into(),
            delta: made.delta.into(),
            reason: made.reason,
            needs_second: made.needs_second,
            status: made.status.code(),
            asked_by: made.asked_by.into(),
            decided_by: made.decided_by.map(Into::into),
            decided_at: made.decided_at,
            reverses: made.reverses.map(Into::into),
            created_at: made.created_at,
        }
    }
}
