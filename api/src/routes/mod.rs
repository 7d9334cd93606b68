//! Every route, one file per noun. A route parses, runs one operation, commits and answers.

pub mod audit;
pub mod auth;
pub mod availability;
pub mod bookings;
pub mod calendars;
pub mod callbacks;
pub mod closures;
pub mod departments;
pub mod fines;
pub mod health;
pub mod hours;
pub mod inbound_events;
pub mod kyc;
pub mod ledger;
pub mod me;
pub mod notifications;
pub mod operations;
pub mod ops;
pub mod organizations;
pub mod payments;
pub mod payouts;
pub mod policies;
pub mod promos;
pub mod reconciliation;
pub mod reports;
pub mod resources;
pub mod series;
mod shared;
pub mod sites;
pub mod tags;
pub mod tickets;
pub mod trips;
pub mod units;
pub mod users;
pub mod vehicles;
pub mod waitlist;
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
        .merge(departments::routes())
        .merge(users::routes())
        .merge(audit::routes())
        .merge(reports::routes())
        .merge(kyc::routes())
        .merge(sites::routes())
        .merge(resources::routes())
        .merge(units::routes())
        .merge(hours::routes())
        .merge(closures::routes())
        .merge(availability::routes())
        .merge(tags::routes())
        .merge(policies::routes())
        .merge(vehicles::routes())
        .merge(trips::routes())
        .merge(bookings::routes())
        .merge(series::routes())
        .merge(calendars::routes())
        .merge(waitlist::routes())
        .merge(payments::routes())
        .merge(fines::routes())
        .merge(payouts::routes())
        .merge(wallet::routes())
        .merge(promos::routes())
        .merge(tickets::routes())
        .merge(ledger::routes())
        .merge(reconciliation::routes())
        .merge(inbound_events::routes())
        .merge(notifications::routes())
        .merge(operations::routes())
        .merge(ops::routes())
}
