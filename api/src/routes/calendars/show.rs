//! `GET /me/calendar.ics`, `GET /resources/{id}/calendar.ics`, `GET /calendars/{token}` (Z7).

use super::render::rendered;
use crate::{
    App,
    caller::{Caller, Origin},
    error::ApiResult,
    extract::Path,
};
use axum::{extract::State, response::Response};
use domain::{calendars, ids::ResourceId, organizations};

/// My bookings as a calendar
#[utoipa::path(get, path = "/me/calendar.ics", tag = "calendars",
    responses((status = 200, content_type = "text/calendar", body = String)))]
pub async fn mine(State(app): State<App>, caller: Caller) -> ApiResult<Response> {
    let mut tx = caller.begin(&app).await?;
    let name = organizations::load(&mut tx).await?.name;
    let events = calendars::events_of_person(&mut tx, caller.user()).await?;
    Ok(rendered(&name, tx.now(), app.config.public_host(), events))
}

/// When a resource is taken, as a calendar
///
/// Not by whom, nor what for.
#[utoipa::path(get, path = "/resources/{id}/calendar.ics", tag = "calendars",
    params(("id" = Uuid, Path, description = "The resource")),
    responses((status = 200, content_type = "text/calendar", body = String)))]
pub async fn of_resource(State(app): State<App>, caller: Caller, Path(id): Path<ResourceId>) -> ApiResult<Response> {
    let mut tx = caller.begin(&app).await?;
    let (name, events) = calendars::events_of_resource(&mut tx, id).await?;
    Ok(rendered(&name, tx.now(), app.config.public_host(), events))
}

/// A calendar by its secret address
///
/// For programs that subscribe: whoever knows the address sees it, until it is taken back. `.ics` may stand at its end.
#[utoipa::path(get, path = "/calendars/{token}", tag = "calendars", security(()),
    params(("token" = String, Path, description = "The secret")),
    responses((status = 200, content_type = "text/calendar", body = String)))]
pub async fn subscribed(State(app): State<App>, origin: Origin, Path(token): Path<String>) -> ApiResult<Response> {
    let mut tx = origin.begin(&app).await?;
    let feed = calendars::open(&mut tx, token.strip_suffix(".ics").unwrap_or(&token)).await?;
    let (name, events) = match feed.resource {
        Some(resource) => calendars::events_of_resource(&mut tx, resource).await?,
        None => (organizations::load(&mut tx).await?.name, calendars::events_of_person(&mut tx, feed.user).await?),
    };
    Ok(rendered(&name, tx.now(), app.config.public_host(), events))
}
