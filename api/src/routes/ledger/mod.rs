//! Reading the books (★4, K2, CX20): accounts, their movements, and why an account holds what it holds. Entries
//! come from what happens to bookings and payments; people close periods, and take back what people corrected.

mod account;
mod accounts;
mod closings;
mod entries;
mod explain;
mod view;

pub(super) use entries::{Transaction, span, statement};

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/ledger`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(accounts::accounts))
        .routes(routes!(account::account))
        .routes(routes!(entries::entries))
        .routes(routes!(explain::explain))
        .routes(routes!(closings::list, closings::close))
        .routes(routes!(closings::reverse))
}
