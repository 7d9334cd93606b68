//! What is free, and why the rest is not (F4–F11, SN11, ★9).

mod ask;
mod view;
mod week;

use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
};
use axum::extract::State;
use domain::{bookings::availability, permissions::Permission};
use utoipa_axum::{router::OpenApiRouter, routes};
use view::Available;

pub(super) use view::{DayView, StatsView, UpcomingView};

/// The routes of availability.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(search)).routes(routes!(week::week)).routes(routes!(week::stats))
}

/// What is free?
///
/// Resources of which enough is free then, for so many people, with these features: those you could book. With
/// `explain=true` every resource of the kinds and on the site, each with the first rule or claim that excludes it, as a
/// booking of it would hear at this moment; without one, it would be booked.
#[utoipa::path(get, path = "/availability", tag = "inventory",
    params(
        ("start_at" = Option<String>, Query, example = "2026-11-30T14:00",
            description = "RFC 3339; without an offset on the clocks of each place; also `from`"),
        ("end_at" = Option<String>, Query, example = "2026-11-30T16:00", description = "The first instant after; also `to`"),
        ("date" = Option<String>, Query, description = "With `period`, instead of `start_at` and `end_at`"),
        ("period" = Option<String>, Query, description = "`morning`, `afternoon` or `day`"),
        ("people" = Option<i32>, Query, example = 8, description = "How many come; also `participants`"),
        ("quantity" = Option<i32>, Query, example = 1, description = "How many units; 1 when left out"),
        ("features" = Option<String>, Query, example = "projector", description = "All of these, each unit or its resource"),
        ("kind" = Option<String>, Query, example = "room", description = "One, or several after `in:`; also `type`"),
        ("site_id" = Option<Uuid>, Query, description = "The site it stands on; also `site`"),
        ("explain" = Option<bool>, Query, description = "Say of everything why it is out"),
        Paging
    ),
    responses((status = 200, body = List<Available>)))]
pub async fn search(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    caller.require(Permission::Book)?;
    let search = ask::search(&mut asked, caller.user())?;
    let explain = asked.flag("explain")?;
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin(&app).await?;
    if explain {
        let listed = availability::explain(&mut tx, search, page).await?;
        return Ok(Reply::list(page, listed.map(Available::from)));
    }
    let listed = availability::search(&mut tx, search, page).await?;
    Ok(Reply::list(page, listed.map(Available::from)))
}
