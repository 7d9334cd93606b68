//! `GET, POST /promos`, `GET, PATCH /promos/{id}` (M3, M6).

use super::view::{Promo, shown};
use crate::{
    App,
    caller::Caller,
    conditions::{Asked, IdempotencyKey, IfMatch},
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::{MaybeKey, Paging, Version},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    ids::PromoId,
    permissions::Permission,
    promotions::{self, Filter, NewPromo, PromoPatch, Status},
    refusals::Refusal,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What a promotion is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakePromo {
    /// 3 to 40 letters, digits, `-` and `_`, once in the organization whatever the case.
    #[schema(example = "BIENVENUE")]
    code: String,
    /// `percent_off` or `amount_off` the price of a booking, or `credit` to the wallet.
    #[schema(example = "percent_off")]
    effect: String,
    /// Per cent, or minor units.
    #[schema(example = 20)]
    value: i64,
    /// Of a credit: the organization's when absent, or `TKT`.
    currency: Option<String>,
    /// How often in all; without end when absent.
    #[schema(example = 1000)]
    max_uses: Option<i32>,
    /// How often by one person; 1 when absent.
    per_user_limit: Option<i32>,
    /// From when; now when absent.
    starts_at: Option<DateTime<Utc>>,
    /// Until before when.
    ends_at: Option<DateTime<Utc>>,
}

/// What to change; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchPromo {
    /// Per cent, or minor units.
    value: Option<i64>,
    /// How often in all.
    max_uses: Option<i32>,
    /// How often by one person.
    per_user_limit: Option<i32>,
    /// From when.
    starts_at: Option<DateTime<Utc>>,
    /// Until before when.
    ends_at: Option<DateTime<Utc>>,
    /// `active` or `inactive`.
    #[schema(example = "inactive")]
    status: Option<String>,
}

/// Promotions
///
/// Newest first, with how often each was used and what it cost.
#[utoipa::path(get, path = "/promos", tag = "money",
    params(
        ("code" = Option<String>, Query, description = "Under this code", example = "BIENVENUE"),
        ("status" = Option<String>, Query, description = "`active` or `inactive`", example = "active"),
        Paging
    ),
    responses((status = 200, body = List<Promo>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let (code, statuses) = (asked.text("code"), asked.words("status", Status::CODES)?);
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::PromoManage).await?;
    let filter = Filter { code, statuses, id: None };
    Ok(Reply::list(page, promotions::list(&mut tx, &filter, page).await?.map(Promo::from)))
}

/// Make a promotion
///
/// It is offered at once, from `starts_at` on. The organization pays for it: of a ride that costs less, the driver earns as
/// if it did not.
#[utoipa::path(post, path = "/promos", tag = "money", params(MaybeKey), request_body = MakePromo,
    responses((status = 201, body = Data<Promo>)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(ask): Json<MakePromo>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::PromoManage).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let unknown = |_| Refusal::invalid("currency", "a currency we keep books in");
    let new = NewPromo {
        code: ask.code,
        effect: ask.effect.parse()?,
        value: ask.value,
        currency: ask.currency.map(|currency| currency.parse().map_err(unknown)).transpose()?,
        max_uses: ask.max_uses,
        per_user_limit: ask.per_user_limit.unwrap_or(1),
        starts_at: ask.starts_at,
        ends_at: ask.ends_at,
    };
    let promo = promotions::create(&mut tx, new).await?;
    let (id, version) = (promo.id, promo.version);
    let reply = Reply::created(format!("/api/v1/promos/{id}"), Promo::from(promo)).version(version);
    Ok(reply.commit(tx, key.as_ref()).await?)
}

/// One promotion
#[utoipa::path(get, path = "/promos/{id}", tag = "money",
    params(("id" = Uuid, Path, description = "The promotion")), responses((status = 200, body = Data<Promo>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<PromoId>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::PromoManage).await?;
    Ok(shown(promotions::find(&mut tx, id).await?))
}

/// Change a promotion
///
/// What was redeemed before stays as it was. `status` switches it off and on.
#[utoipa::path(patch, path = "/promos/{id}", tag = "money",
    params(("id" = Uuid, Path, description = "The promotion"), Version), request_body = PatchPromo,
    responses((status = 200, body = Data<Promo>)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PromoId>,
    IfMatch(seen): IfMatch,
    Json(ask): Json<PatchPromo>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::PromoManage).await?;
    let PatchPromo { value, max_uses, per_user_limit, starts_at, ends_at, status } = ask;
    let status = status.map(|status| status.parse()).transpose()?;
    let patch = PromoPatch { value, max_uses, per_user_limit, starts_at, ends_at, status };
    let promo = promotions::update(&mut tx, id, seen, patch).await?;
    tx.commit().await?;
    Ok(shown(promo))
}
