//! Seats on rides, from request to arrival (G4, G12, G27, G28, G35–G41, CX12).

mod access_code;
mod approve;
mod cancel;
mod check_in;
mod create;
mod end;
mod history;
mod list;
mod quote;
mod reject;
mod show;
mod start;
mod step;
mod view;

use crate::App;
use domain::refusals::Refusal;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/bookings`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(quote::quote))
        .routes(routes!(show::show, cancel::remove))
        .routes(routes!(approve::approve))
        .routes(routes!(reject::reject))
        .routes(routes!(cancel::cancel))
        .routes(routes!(history::history))
        .routes(routes!(access_code::access_code))
        .routes(routes!(check_in::check_in))
        .routes(routes!(start::start))
        .routes(routes!(end::end))
}

/// Why somebody says no, as short as it is kept.
fn reason(text: Option<String>) -> Result<Option<String>, Refusal> {
    const LONGEST: usize = 60;
    match text {
        Some(text) if text.chars().count() > LONGEST => {
            Err(Refusal::invalid("reason", format!("must have at most {LONGEST} characters")))
        }
        text => Ok(text.filter(|text| !text.trim().is_empty())),
    }
}
