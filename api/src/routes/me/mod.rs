//! The signed-in person: profile, devices, messages, documents, where earnings go (C23, C24, N2, R1, SN30).

mod activity;
mod destinations;
mod devices;
mod kyc;
mod notifications;
mod profile;

pub use profile::{MeView, Membership};

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/me`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(profile::show, profile::update, profile::replace))
        .routes(routes!(activity::list))
        .routes(routes!(devices::list, devices::register))
        .routes(routes!(devices::remove))
        .routes(routes!(notifications::list))
        .routes(routes!(notifications::read))
        .routes(routes!(destinations::list, destinations::set))
        .routes(routes!(destinations::verify))
        .routes(routes!(kyc::list, kyc::submit))
}
