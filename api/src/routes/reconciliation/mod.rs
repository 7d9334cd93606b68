//! The books held against providers' own lists (J15, Q2).

mod apply;
mod items;
mod runs;
mod view;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/reconciliation-runs` and `/reconciliation-items`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(runs::list, runs::create))
        .routes(routes!(runs::show))
        .routes(routes!(items::list))
        .routes(routes!(items::show))
        .routes(routes!(apply::apply))
        .routes(routes!(apply::dismiss))
}
