//! Packs of tickets and their purchase (K19–K21).

mod offers;
mod purchase;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/ticket-offers` and `/ticket-purchases`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(offers::list, offers::create))
        .routes(routes!(offers::show, offers::update))
        .routes(routes!(purchase::purchase))
}
