//! Paying for bookings, and for what else is due (J1–J12, J17).

mod create;
mod decide;
pub mod list;
mod methods;
mod returned;
mod sent_by_hand;
mod show;
mod timeline;
mod view;
mod wait;

pub use create::{Order, pay_for};
pub use view::Payment;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/payments`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(methods::methods))
        .routes(routes!(returned::returned))
        .routes(routes!(show::show))
        .routes(routes!(timeline::timeline))
        .routes(routes!(decide::decide))
        .routes(routes!(sent_by_hand::sent_by_hand))
}
