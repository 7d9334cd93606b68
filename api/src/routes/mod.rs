//! Every route, one file per noun. A route parses, runs one operation, commits and answers.

pub mod auth;
pub mod bookings;
pub mod fines;
pub mod health;
pub mod kyc;
pub mod me;
pub mod operations;
pub mod ops;
pub mod organizations;
pub mod payments;
pub mod payouts;
mod shared;
pub mod trips;
pub mod vehicles;
pub mod wallet;
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
        .merge(vehicles::routes())
        .merge(trips::routes())
        .merge(bookings::routes())
        .merge(payments::routes())
        .merge(fines::routes())
        .merge(payouts::routes())
        .merge(wallet::routes())
        .merge(operations::routes())
        .merge(ops::routes())
}
