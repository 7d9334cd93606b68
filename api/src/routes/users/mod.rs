//! The people of an organization (C31–C34, V1, V10, D8): who they are, whether they may come in, and their place.

pub mod asked;
mod change;
mod list;
mod profile;
mod remove;
mod search;
mod show;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/users`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(search::search))
        .routes(routes!(show::show, change::change, change::replace, remove::remove))
        .routes(routes!(remove::restore))
        .routes(routes!(profile::profile))
}
