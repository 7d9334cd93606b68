//! Codes that give something, and bringing people along (M1–M10, CX38).

mod manage;
mod redeem;
mod redemptions;
mod referrals;
mod view;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/promos` and `/referrals`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(manage::list, manage::create))
        .routes(routes!(redeem::validate))
        .routes(routes!(redeem::redeem))
        .routes(routes!(redemptions::redemptions))
        .routes(routes!(manage::show, manage::update))
        .routes(routes!(referrals::list, referrals::refer))
        .routes(routes!(referrals::code))
}
