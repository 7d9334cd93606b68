//! A driver offers a drafted trip (I6). From now on the vehicle is claimed for the journey and the driver is taken.

use super::{Trip, create::check_departure, lock};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::*,
    inventory::{units, vehicles},
    kyc, organizations,
    refusals::Refusal,
};

/// Publishes a draft of `driver`.
///
/// # Errors
/// [`Refusal::NotFound`] when it is somebody else's, [`Refusal::StateConflict`], [`Refusal::DeparturePassed`],
/// [`Refusal::KycRequired`] (I15), [`Refusal::TripOverlap`] (SN28).
pub async fn publish(tx: &mut Tx, driver: UserId, id: ResourceId) -> Result<Trip> {
    let trip = lock(tx, id).await?;
    if trip.driver != driver {
        return Err(Refusal::NotFound.into());
    }
    if trip.status != "draft" {
        return Err(Refusal::StateConflict { status: trip.status }.into());
    }
    check_departure(tx.now(), trip.departure_at)?;
    let settings = organizations::load(tx).await?.settings;
    if settings.require_kyc_for_driver && !kyc::is_approved(tx, driver).await? {
        return Err(Refusal::KycRequired.into());
    }
    if let Some(vehicle) = trip.vehicle {
        claim_vehicle(tx, &trip, vehicle).await?;
    }
    let org = tx.org()?;
    sqlx::query!(
        "update trips set status = 'published', version = version + 1 where org_id = $1 and id = $2",
        org.0,
        id.0
    )
    .execute(tx.conn())
    .await
    .refuse_on("trips_driver_no_overlap", Refusal::TripOverlap)?;
    let after = Trip { status: "published".into(), version: trip.version + 1, ..trip.clone() };
    tx.record(Change::moved("trip", id, &trip, &after));
    Ok(after)
}

/// One vehicle is on one trip at a time: publishing claims its one unit for the journey.
/// Since the draft was made the vehicle may have been removed or have lost seats.
async fn claim_vehicle(tx: &mut Tx, trip: &Trip, vehicle: ResourceId) -> Result<()> {
    vehicles::lock(tx, trip.driver, vehicle).await?.must_seat(trip.seats)?;
    let free = units::free(tx, vehicle, trip.span()).await?;
    if free.is_empty() {
        return Err(Refusal::TripOverlap.into());
    }
    units::claim(tx, &free[..1], trip.span(), "trip", trip.id.into(), Refusal::TripOverlap).await
}
