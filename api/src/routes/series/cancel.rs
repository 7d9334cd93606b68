//! `POST /booking-series/{id}/cancel` (SN10).

use super::view::{SeriesView, shown};
use crate::{
    App,
    caller::Caller,
    conditions::IfMatch,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
    routes::{
        bookings::{ARBITERS, ground, reason},
        shared::MaybeVersion,
    },
};
use axum::extract::State;
use chrono::NaiveDate;
use domain::{ids::SeriesId, permissions::Permission, series};
use serde::Deserialize;
use utoipa::ToSchema;

/// What is given up.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelSeries {
    /// From this date on; all that is to come when left out. One date alone: `POST /bookings/{id}/cancel`.
    from: Option<NaiveDate>,
    /// At most 60 characters.
    #[schema(example = "plans_changed")]
    reason: Option<String>,
}

/// Cancel what is to come of a series
///
/// All of it, or from a date on. What may not be cancelled any more stays, and `occurrences` says why.
#[utoipa::path(post, path = "/booking-series/{id}/cancel", tag = "bookings",
    params(("id" = Uuid, Path, description = "The series"), MaybeVersion), request_body = Option<CancelSeries>,
    responses((status = 200, body = Data<SeriesView>)))]
pub async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SeriesId>,
    seen: Option<IfMatch>,
    ask: Option<Json<CancelSeries>>,
) -> ApiResult<Reply> {
    let ask = ask.map(|Json(ask)| ask).unwrap_or_default();
    let reason = reason(ask.reason)?;
    let (mut tx, by) = ground(&app, &caller, &ARBITERS, &[Permission::Book]).await?;
    let seen = seen.map(|IfMatch(seen)| seen);
    let cancelled = series::cancel(&mut tx, by, id, seen, ask.from, reason.as_deref()).await?;
    let reply = shown(&mut tx, cancelled).await?;
    tx.commit().await?;
    Ok(reply)
}
