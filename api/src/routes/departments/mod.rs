//! Parts of an organization, each on a site (B13–B17, SN20).

mod change;
mod create;
mod list;
mod view;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/departments`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(list::show, change::update, change::replace, change::remove))
        .routes(routes!(change::restore))
}
