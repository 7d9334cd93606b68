//! `PATCH, PUT /trips/{id}` (I5, T14, CX13).

use super::{
    ask::{Price, When},
    view::{Trip, shown},
};
use crate::{
    App,
    caller::Caller,
    conditions::IfMatch,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::Version,
};
use axum::extract::State;
use domain::{
    error::Result,
    ids::ResourceId,
    organizations::{self, Organization},
    permissions::Permission,
    trips::{self, TripPatch},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What to change; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "price_per_seat": 3500, "seats_available": 3 }))]
pub struct PatchTrip {
    /// When it leaves; fixed once somebody holds a seat. The length of the journey stays.
    #[schema(value_type = Option<String>, format = DateTime)]
    departure_time: Option<When>,
    /// For one seat, in minor units, for new bookings.
    #[schema(value_type = Option<i64>, minimum = 0)]
    price_per_seat: Option<Price>,
    /// Seats offered, booked ones among them.
    #[schema(minimum = 1, maximum = 60)]
    seats_available: Option<i32>,
    /// Accept bookings without asking.
    allow_auto_accept: Option<bool>,
    /// What may be brought.
    luggage_policy: Option<String>,
    /// House rules.
    rules: Option<String>,
}

/// Change a trip
#[utoipa::path(patch, path = "/trips/{id}", tag = "trips",
    params(("id" = Uuid, Path, description = "The trip"), Version), request_body = PatchTrip,
    responses((status = 200, body = Data<Trip>)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    IfMatch(seen): IfMatch,
    Json(ask): Json<PatchTrip>,
) -> ApiResult<Reply> {
    caller.require(Permission::TripManageOwn)?;
    let mut tx = caller.begin(&app).await?;
    let organization = organizations::load(&mut tx).await?;
    let trip = trips::update(&mut tx, caller.user(), id, seen, ask.understand(&organization)?).await?;
    let reply = shown(&mut tx, trip).await?;
    tx.commit().await?;
    Ok(reply)
}

/// Change a trip
///
/// The same as `PATCH`.
#[utoipa::path(put, path = "/trips/{id}", tag = "trips",
    params(("id" = Uuid, Path, description = "The trip"), Version), request_body = PatchTrip,
    responses((status = 200, body = Data<Trip>)))]
pub async fn replace(
    app: State<App>,
    caller: Caller,
    id: Path<ResourceId>,
    seen: IfMatch,
    ask: Json<PatchTrip>,
) -> ApiResult<Reply> {
    update(app, caller, id, seen, ask).await
}

impl PatchTrip {
    fn understand(self, organization: &Organization) -> Result<TripPatch> {
        let (zone, currency) = (organization.timezone, organization.currency);
        Ok(TripPatch {
            departure_at: self.departure_time.map(|when| when.resolve(zone)).transpose()?,
            price_per_seat: self.price_per_seat.map(|price| price.amount_in(currency)).transpose()?,
            seats: self.seats_available,
            auto_accept: self.allow_auto_accept,
            luggage_policy: self.luggage_policy,
            rules: self.rules,
        })
    }
}
