//! Fines: what being late or not coming costs (SN7, L14, J21).

mod list;
mod pay;
mod show;
mod view;
mod waive;

use crate::{App, caller::Caller};
use domain::{bookings::Authority, permissions::Permission};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/fines`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(pay::pay_named))
        .routes(routes!(show::show))
        .routes(routes!(waive::waive))
        .routes(routes!(pay::pay))
}

/// Staff see every fine, others their own.
fn authority(caller: &Caller) -> Authority {
    if caller.may(Permission::FineWaive) { Authority::Staff(caller.user()) } else { Authority::Own(caller.user()) }
}
