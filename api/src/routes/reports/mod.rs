//! Figures about a whole organization (Z10, Z11), and statements and reports as files (K7, K13, V5).

mod ask;
mod file;
mod usage;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/reports`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ask::ask))
        .routes(routes!(file::file))
        .routes(routes!(usage::usage))
        .routes(routes!(usage::usage_csv))
}
