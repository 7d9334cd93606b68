//! Calendars of others: subscribing and handing over (Z7).

mod feeds;
mod import;
mod render;
mod show;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of calendars.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(feeds::list, feeds::create))
        .routes(routes!(feeds::revoke))
        .routes(routes!(show::mine))
        .routes(routes!(show::of_resource))
        .routes(routes!(show::subscribed))
        .routes(routes!(import::import))
}
