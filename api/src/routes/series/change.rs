//! `PATCH /booking-series/{id}` (SN10).

use super::view::{SeriesView, shown, time};
use crate::{
    App,
    caller::Caller,
    conditions::IfMatch,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
    routes::{
        bookings::{ARBITERS, ground},
        shared::MaybeVersion,
    },
};
use axum::extract::State;
use chrono::NaiveDate;
use domain::{
    error::Result,
    ids::SeriesId,
    permissions::Permission,
    series::{self, SeriesPatch},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What to change of what is still to come; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "purpose": "Film club, second half" }))]
pub struct PatchSeries {
    /// From this date on, as a series of its own; all of it when left out. One date alone: `PATCH /bookings/{id}`.
    from: Option<NaiveDate>,
    /// On the clocks of the place.
    start_time: Option<String>,
    /// On the next day when it is not later than the beginning.
    end_time: Option<String>,
    /// How many people come.
    #[schema(minimum = 1, maximum = 100_000)]
    participants: Option<i32>,
    /// What it is for; empty takes it away.
    purpose: Option<String>,
    /// A word to whoever decides; empty takes it away.
    note: Option<String>,
    /// A date that cannot be changed: `fail`, which is the default, keeps all as they are, `skip` that one.
    on_conflict: Option<String>,
}

/// Change what is to come of a series
///
/// All of it, or from a date on. Answers the series that changed, which is a new one where only a part did.
#[utoipa::path(patch, path = "/booking-series/{id}", tag = "bookings",
    params(("id" = Uuid, Path, description = "The series"), MaybeVersion), request_body = PatchSeries,
    responses((status = 200, body = Data<SeriesView>)))]
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SeriesId>,
    seen: Option<IfMatch>,
    Json(ask): Json<PatchSeries>,
) -> ApiResult<Reply> {
    let patch = ask.read()?;
    let (mut tx, by) = ground(&app, &caller, &ARBITERS, &[Permission::Book]).await?;
    let changed = series::change(&mut tx, by, id, seen.map(|IfMatch(seen)| seen), &patch).await?;
    let reply = shown(&mut tx, changed).await?;
    tx.commit().await?;
    Ok(reply)
}

impl PatchSeries {
    fn read(self) -> Result<SeriesPatch> {
        Ok(SeriesPatch {
            from: self.from,
            start: self.start_time.as_deref().map(|text| time("start_time", text)).transpose()?,
            end: self.end_time.as_deref().map(|text| time("end_time", text)).transpose()?,
            participants: self.participants,
            purpose: self.purpose,
            note: self.note,
            on_conflict: self.on_conflict.as_deref().map(str::parse).transpose()?,
        })
    }
}
