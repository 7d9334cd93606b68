//! Paying drivers what they earned (K8–K13).

mod list;
mod run;
mod statement;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/payouts`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(run::run)).routes(routes!(statement::statement))
}
