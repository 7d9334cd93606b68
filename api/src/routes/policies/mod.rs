//! The rules by which things are booked (MODEL §8, SN20).

mod change;
mod create;
mod list;
mod view;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/policies`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list, create::create)).routes(routes!(
        list::show,
        change::update,
        change::remove
    ))
}
