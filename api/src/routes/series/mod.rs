//! Bookings that come again (SN10, ★10).

mod cancel;
mod change;
mod create;
mod list;
mod view;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/booking-series`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(list::show, change::change))
        .routes(routes!(cancel::cancel))
}
