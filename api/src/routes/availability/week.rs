//! `GET /resources/{id}/availability`, `GET /resources/{id}/stats` (E14, F4, F5).

use super::view::{DayView, StatsView};
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
};
use axum::extract::State;
use chrono::{Datelike, NaiveDate};
use domain::{bookings::availability, ids::ResourceId, refusals::Refusal};

/// The days to come of a resource
///
/// When it is open, when something of it is free, and why not.
#[utoipa::path(get, path = "/resources/{id}/availability", tag = "inventory",
    params(("id" = Uuid, Path, description = "The resource"),
        ("from" = Option<String>, Query, description = "The first day, on its clocks; today when left out"),
        ("days" = Option<u32>, Query, example = 7, description = "How many, at most 31; 7 when left out")),
    responses((status = 200, body = Data<Vec<DayView>>)))]
pub async fn week(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let from: Option<NaiveDate> = asked.value("from", "a day such as 2026-11-30")?;
    let days: u32 = asked.value("days", "a number of days")?.unwrap_or(7);
    asked.end()?;
    if !(1..=31).contains(&days) {
        return Err(Refusal::invalid("days", "must be between 1 and 31").into());
    }
    if from.is_some_and(|day| !(2000..=2200).contains(&day.year())) {
        return Err(Refusal::invalid("from", "is out of reach").into());
    }
    let mut tx = caller.begin(&app).await?;
    let week = availability::week(&mut tx, id, from, days).await?;
    Ok(Reply::ok(week.into_iter().map(DayView::from).collect::<Vec<_>>()))
}

/// A resource in figures
#[utoipa::path(get, path = "/resources/{id}/stats", tag = "inventory",
    params(("id" = Uuid, Path, description = "The resource")), responses((status = 200, body = Data<StatsView>)))]
pub async fn stats(State(app): State<App>, caller: Caller, Path(id): Path<ResourceId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    Ok(Reply::ok(StatsView::from(availability::stats(&mut tx, id).await?)))
}
