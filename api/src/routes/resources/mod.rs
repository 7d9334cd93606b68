//! What an organization offers (E1–E16): car parks, equipment, rooms, a fleet's vehicles, machines.

mod ask;
mod change;
mod create;
mod list;
mod remove;
mod search;
mod units;
mod view;

pub(super) use list::{KINDS, STATUSES};
pub(super) use remove::on_bookings;
pub(super) use view::Resource;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/resources`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(search::search))
        .routes(routes!(list::show, change::update, change::replace, remove::remove))
        .routes(routes!(remove::restore))
        .routes(routes!(units::list, units::create))
}
