//! Every route, one file per noun. A route parses, runs one operation, commits and answers.

pub mod auth;
pub mod health;
pub mod kyc;
pub mod me;
pub mod operations;
pub mod organizations;
pub mod webhooks;

use crate::App;
use utoipa_axum::router::OpenApiRouter;

/// The ordinary routes, to be mounted at `/api/v1`.
pub fn all() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(auth::routes())
        .merge(me::routes())
        .merge(organizations::routes())
        .merge(kyc::routes())
        .merge(operations::routes())
}
