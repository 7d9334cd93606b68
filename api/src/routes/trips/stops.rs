//! `GET, POST /trips/{id}/stops` (I3, I7).

use super::visitor::Visitor;
use crate::{
    App,
    caller::Caller,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
};
use axum::extract::State;
use domain::{ids::ResourceId, permissions::Permission, refusals::Refusal, trips};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a trip passes.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// Degrees north (WGS84).
    #[schema(example = 5.8987, minimum = -90, maximum = 90)]
    lat: f64,
    /// Degrees east (WGS84).
    #[schema(example = -4.8228, minimum = -180, maximum = 180)]
    lon: f64,
    /// What people call it, 1 to 200 characters.
    #[schema(example = "Tiassalé")]
    text: String,
    /// Riders may get on; yes unless told.
    #[serde(default = "yes")]
    #[schema(example = true)]
    pickup_allowed: bool,
    /// Riders may get off; yes unless told.
    #[serde(default = "yes")]
    #[schema(example = true)]
    dropoff_allowed: bool,
}

/// All stops of a trip, in the order of the journey.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetStops {
    /// At most 50.
    stops: Vec<Stop>,
}

fn yes() -> bool {
    true
}

/// The stops of a trip
///
/// In the order of the journey. Open to everybody; those of a draft only to its driver.
#[utoipa::path(get, path = "/trips/{id}/stops", tag = "trips", security((), ("bearer" = [])),
    params(("id" = Uuid, Path, description = "The trip")), responses((status = 200, body = List<Stop>)))]
pub async fn list(State(app): State<App>, visitor: Visitor, Path(id): Path<ResourceId>) -> ApiResult<Reply> {
    let mut tx = visitor.begin(&app).await?;
    let trip = trips::find(&mut tx, id).await?;
    if trip.status == "draft" && !visitor.may_see_drafts_of(trip.driver) {
        return Err(Refusal::NotFound.into());
    }
    let stops = trips::list_stops(&mut tx, id).await?;
    Ok(Reply::ok(stops.into_iter().map(Stop::from).collect::<Vec<_>>()))
}

/// Set all stops of my trip
#[utoipa::path(post, path = "/trips/{id}/stops", tag = "trips",
    params(("id" = Uuid, Path, description = "The trip")), request_body = SetStops,
    responses((status = 200, body = Data<Vec<Stop>>)))]
pub async fn set(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    Json(ask): Json<SetStops>,
) -> ApiResult<Reply> {
    caller.require(Permission::TripManageOwn)?;
    let mut tx = caller.begin(&app).await?;
    let stops = ask.stops.into_iter().map(Into::into).collect();
    let stops = trips::set_stops(&mut tx, caller.user(), id, stops).await?;
    tx.commit().await?;
    Ok(Reply::ok(stops.into_iter().map(Stop::from).collect::<Vec<_>>()))
}

impl From<Stop> for trips::Stop {
    fn from(Stop { lat, lon, text, pickup_allowed, dropoff_allowed }: Stop) -> Self {
        Self { place: trips::Place { lat, lon, text }, pickup_allowed, dropoff_allowed }
    }
}

impl From<trips::Stop> for Stop {
    fn from(trips::Stop { place, pickup_allowed, dropoff_allowed }: trips::Stop) -> Self {
        let trips::Place { lat, lon, text } = place;
        Self { lat, lon, text, pickup_allowed, dropoff_allowed }
    }
}
