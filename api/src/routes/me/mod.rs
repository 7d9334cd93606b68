//! The signed-in person: profile, devices, messages, preferences, documents, where earnings go, what is held about them
//! (C23, C24, N2, R1, SN2, SN30, W4).

mod activity;
mod destinations;
mod devices;
mod favourites;
mod kyc;
mod notifications;
mod preferences;
mod privacy;
mod profile;

pub use profile::{MeView, Membership};

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/me`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(profile::show, profile::update, profile::replace, privacy::erase))
        .routes(routes!(privacy::export))
        .routes(routes!(privacy::fetch))
        .routes(routes!(preferences::show, preferences::replace))
        .routes(routes!(activity::list))
        .routes(routes!(favourites::list))
        .routes(routes!(favourites::add, favourites::remove))
        .routes(routes!(devices::list, devices::register))
        .routes(routes!(devices::remove))
        .routes(routes!(notifications::list))
        .routes(routes!(notifications::read))
        .routes(routes!(notifications::read_all))
        .routes(routes!(destinations::list, destinations::set))
        .routes(routes!(destinations::verify))
        .routes(routes!(kyc::list, kyc::submit))
}
