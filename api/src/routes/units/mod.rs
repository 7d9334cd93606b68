//! Single pieces: bays, copies, rooms (E2, E4, SN20, SN22).

mod change;
mod list;
mod view;

pub(super) use list::list_of;
pub(super) use view::{NewUnitBody, NewUnits, Unit};

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/units`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(list::show, change::update, change::remove))
        .routes(routes!(change::restore))
}
