//! Tenants, their settings, their members and roles, and who may come in (B1, D2, SN4, CX8, CX10).

mod invitations;
pub mod members;
mod roles;
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
        .routes(routes!(roles::list, roles::create))
        .routes(routes!(roles::change, roles::replace, roles::remove))
        .routes(routes!(invitations::list, invitations::create))
        .routes(routes!(invitations::revoke))
}
