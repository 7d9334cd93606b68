//! Figures about a whole organization (Z10, Z11).

mod usage;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/reports`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(usage::usage)).routes(routes!(usage::usage_csv))
}
