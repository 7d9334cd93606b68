//! `GET, POST /referrals`, `GET /referrals/code` (M7–M9).

use crate::{
    App,
    caller::Caller,
    conditions::{Asked, IdempotencyKey},
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::{MaybeKey, Paging},
    routes::shared::MoneyView,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    permissions::Permission,
    promotions::{self, ReferralFilter},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody was brought along.
#[derive(Debug, Serialize, ToSchema)]
pub struct Referral {
    /// Its id.
    id: Uuid,
    /// Who brought them.
    referrer_id: Uuid,
    /// Who came.
    referee_id: Uuid,
    /// What who brought them got.
    bonus_referrer: MoneyView,
    /// What who came got.
    bonus_referee: MoneyView,
    /// `rewarded`.
    #[schema(example = "rewarded")]
    status: String,
    /// When.
    created_at: DateTime<Utc>,
}

/// Who brought me.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refer {
    /// Their code.
    #[schema(example = "7KQ2MXA9")]
    code: String,
}

/// What I give to those I bring.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralCode {
    /// To be named by them.
    #[schema(example = "7KQ2MXA9")]
    code: String,
}

/// Who brought whom
///
/// Newest first: whom I brought and who brought me, or everybody for who manages promotions.
#[utoipa::path(get, path = "/referrals", tag = "money",
    params(("user" = Option<String>, Query, description = "`me`: only mine, whatever I may see", example = "me"), Paging),
    responses((status = 200, body = List<Referral>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let mine = !asked.words("user", &["me"])?.is_empty() || !caller.may(Permission::PromoManage);
    let page = asked.page()?;
    asked.end()?;
    let filter = ReferralFilter { user: mine.then(|| caller.user()) };
    let mut tx = caller.begin(&app).await?;
    Ok(Reply::list(page, promotions::referrals(&mut tx, &filter, page).await?.map(Referral::from)))
}

/// My code for bringing others
#[utoipa::path(get, path = "/referrals/code", tag = "money", responses((status = 200, body = Data<ReferralCode>)))]
pub async fn code(State(app): State<App>, caller: Caller) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let code = promotions::my_code(&mut tx, caller.user()).await?;
    tx.commit().await?;
    Ok(Reply::ok(ReferralCode { code }))
}

/// Say who brought me
///
/// Within 30 days of joining, and once: both of us have the organization's bonus in our wallets.
#[utoipa::path(post, path = "/referrals", tag = "money", params(MaybeKey), request_body = Refer,
    responses((status = 201, body = Data<Referral>)))]
pub async fn refer(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(ask): Json<Refer>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::Book).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let referral = promotions::refer(&mut tx, caller.user(), &ask.code).await?;
    let reply = Reply::created("/api/v1/referrals".to_owned(), Referral::from(referral));
    Ok(reply.commit(tx, key.as_ref()).await?)
}

impl From<promotions::Referral> for Referral {
    fn from(found: promotions::Referral) -> Self {
        Self {
            id: found.id.into(),
            referrer_id: found.referrer.into(),
            referee_id: found.referee.into(),
            bonus_referrer: found.bonus_referrer.into(),
            bonus_referee: found.bonus_referee.into(),
            status: found.status,
            created_at: found.created_at,
        }
    }
}
