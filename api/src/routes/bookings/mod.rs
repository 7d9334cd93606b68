//! Bookings of rides, bays, rooms and loans, from request to end (G1–G50, CX12).

mod access_code;
mod approve;
mod ask;
mod cancel;
mod cancellation_quote;
mod check_in;
mod create;
mod end;
mod hand_over;
mod history;
mod list;
mod quote;
mod reject;
mod show;
mod start;
mod step;
mod submit;
mod update;
mod view;

pub use ask::{moment, when};
pub(super) use step::{ANYBODY, ARBITERS, LOOKERS, ground};

use crate::App;
use domain::refusals::Refusal;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/bookings`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(quote::quote))
        .routes(routes!(cancellation_quote::cancellation_quote))
        .routes(routes!(show::show, update::update, update::replace, cancel::remove))
        .routes(routes!(submit::submit))
        .routes(routes!(approve::approve))
        .routes(routes!(reject::reject))
        .routes(routes!(cancel::cancel))
        .routes(routes!(history::history))
        .routes(routes!(access_code::access_code))
        .routes(routes!(check_in::check_in))
        .routes(routes!(start::start))
        .routes(routes!(end::end))
        .routes(routes!(hand_over::hand_over))
        .routes(routes!(hand_over::take_back))
}

/// Why somebody says no, as short as it is kept.
pub(super) fn reason(text: Option<String>) -> Result<Option<String>, Refusal> {
    const LONGEST: usize = 60;
    match text {
        Some(text) if text.chars().count() > LONGEST => {
            Err(Refusal::invalid("reason", format!("must have at most {LONGEST} characters")))
        }
        text => Ok(text.filter(|text| !text.trim().is_empty())),
    }
}
