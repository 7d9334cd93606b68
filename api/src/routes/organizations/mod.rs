//! Tenants, their settings and their members (B1, D2, CX8, CX10).

mod members;
mod settings;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/organizations`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(settings::mine))
        .routes(routes!(settings::show, settings::update, settings::replace))
        .routes(routes!(members::list))
        .routes(routes!(members::set_roles))
}
