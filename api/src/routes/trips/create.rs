//! `POST /trips` (I4, I19).

use super::{
    ask::{Place, Price, When, example_departure},
    view::Trip,
};
use crate::{
    App,
    caller::Caller,
    conditions::IdempotencyKey,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::MaybeKey,
};
use axum::extract::State;
use domain::{
    error::Result,
    ids::{ResourceId, UserId},
    organizations::{self, Organization},
    permissions::Permission,
    trips,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Seats offered from one place to another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "origin": { "lat": 5.3575, "lon": -4.0083, "text": "Abidjan, Adjamé" },
    "destination": { "lat": 6.8276, "lon": -5.2893, "text": "Yamoussoukro" },
    "departure_time": example_departure(),
    "price_per_seat": 3000,
    "seats_available": 4,
    "luggage_policy": "One bag each",
}))]
pub struct NewTrip {
    /// From where.
    origin: Place,
    /// To where.
    destination: Place,
    /// When it leaves: with `Z` or an offset, or local to the organization.
    #[schema(value_type = String, format = DateTime)]
    departure_time: When,
    /// When it should arrive; estimated from the distance unless told.
    #[schema(value_type = Option<String>, format = DateTime)]
    arrival_eta: Option<When>,
    /// For one seat, in minor units; `{amount, currency}` is understood too.
    #[schema(value_type = i64, minimum = 0)]
    price_per_seat: Price,
    /// 1 to 60, and not more than the vehicle has beside the driver's.
    #[schema(minimum = 1, maximum = 60)]
    seats_available: i32,
    /// Accept bookings without asking; false unless told.
    #[serde(default)]
    allow_auto_accept: bool,
    /// What may be brought.
    luggage_policy: Option<String>,
    /// House rules.
    rules: Option<String>,
    /// One of my vehicles.
    vehicle_id: Option<Uuid>,
    /// Offer it at once; it stays a draft unless told.
    #[serde(default)]
    publish: bool,
}

/// Offer a trip
#[utoipa::path(post, path = "/trips", tag = "trips", params(MaybeKey), request_body = NewTrip,
    responses((status = 201, body = Data<Trip>)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(ask): Json<NewTrip>,
) -> ApiResult<Reply> {
    caller.require(Permission::TripManageOwn)?;
    let mut tx = caller.begin(&app).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let publish = ask.publish;
    let organization = organizations::load(&mut tx).await?;
    let mut trip = trips::create(&mut tx, ask.understand(caller.user(), &organization)?).await?;
    if publish {
        trip = trips::publish(&mut tx, caller.user(), trip.id).await?;
    }
    let (id, version) = (trip.id, trip.version);
    let view = Trip::load(&mut tx, trip).await?;
    let reply = Reply::created(format!("/api/v1/trips/{id}"), view).version(version);
    Ok(reply.commit(tx, key.as_ref()).await?)
}

impl NewTrip {
    fn understand(self, driver: UserId, organization: &Organization) -> Result<trips::NewTrip> {
        let zone = organization.timezone;
        Ok(trips::NewTrip {
            driver,
            vehicle: self.vehicle_id.map(ResourceId),
            origin: self.origin.into(),
            destination: self.destination.into(),
            departure_at: self.departure_time.resolve(zone)?,
            arrival_eta: self.arrival_eta.map(|when| when.resolve(zone)).transpose()?,
            price_per_seat: self.price_per_seat.amount_in(organization.currency)?,
            seats: self.seats_available,
            auto_accept: self.allow_auto_accept,
            luggage_policy: self.luggage_policy,
            rules: self.rules,
        })
    }
}
