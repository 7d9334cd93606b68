//! `GET /promos/redemptions` (M5, M6).

use super::view::Redemption;
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
};
use axum::extract::State;
use domain::{
    ids::PromoId,
    permissions::Permission,
    promotions::{self, RedemptionFilter},
};

/// Codes that were used
///
/// Newest first: mine, or everybody's for who manages promotions.
#[utoipa::path(get, path = "/promos/redemptions", tag = "money",
    params(
        ("user" = Option<String>, Query, description = "`me`: only mine, whatever I may see", example = "me"),
        ("promo_id" = Option<String>, Query, description = "Of this promotion"),
        Paging
    ),
    responses((status = 200, body = List<Redemption>)))]
pub async fn redemptions(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let mine = !asked.words("user", &["me"])?.is_empty() || !caller.may(Permission::PromoManage);
    let promo = asked.value::<PromoId>("promo_id", "an id")?;
    let page = asked.page()?;
    asked.end()?;
    let filter = RedemptionFilter { promo, user: mine.then(|| caller.user()), ..RedemptionFilter::default() };
    let mut tx = caller.begin(&app).await?;
    Ok(Reply::list(page, promotions::redemptions(&mut tx, &filter, page).await?.map(Redemption::from)))
}
