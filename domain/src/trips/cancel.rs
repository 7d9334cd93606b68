//! A trip that will not happen (I5, I6, I17): every rider is told and, if they paid, paid back whole.

use super::{Trip, lock, penalty, set_status};
use crate::{
    audit::Change,
    bookings::{self, Authority},
    db::Tx,
    error::Result,
    ids::*,
    inventory::units,
    refusals::Refusal,
};

/// Cancels a draft or published trip and everything booked on it. Late, it may cost its driver something (L3).
///
/// # Errors
/// [`Refusal::NotFound`] when the caller may not see it, [`Refusal::StateConflict`] once it left.
pub async fn cancel(tx: &mut Tx, by: Authority, id: ResourceId) -> Result<Trip> {
    let trip = lock(tx, id).await?;
    by.must_drive(&trip)?;
    if !["draft", "published"].contains(&trip.status.as_str()) {
        return Err(Refusal::StateConflict { status: trip.status }.into());
    }
    if matches!(by, Authority::Own(_)) {
        penalty::charge(tx, &trip).await?;
    }
    for booking in bookings::active_of_trip(tx, id).await? {
        bookings::cancel_with_trip(tx, &trip, booking).await?;
    }
    units::release(tx, id.into()).await?;
    set_status(tx, &trip, "cancelled").await
}

/// Removes a trip nobody has paid for (I5): pending and unpaid bookings are cancelled with it.
///
/// # Errors
/// As [`cancel`], and [`Refusal::Conflict`] when a booking is paid.
pub async fn remove(tx: &mut Tx, by: Authority, id: ResourceId) -> Result<Trip> {
    let trip = lock(tx, id).await?;
    by.must_drive(&trip)?;
    let org = tx.org()?;
    let paid = sqlx::query_scalar!(
        r#"select exists (select from bookings where org_id = $1 and resource_id = $2
                          and status in ('confirmed', 'in_use', 'completed')) as "paid!""#,
        org.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    if paid {
        return Err(Refusal::Conflict { reason: "a booking of this trip is paid; cancel the trip instead" }.into());
    }
    let trip = match trip.status.as_str() {
        "draft" | "published" => cancel(tx, by, id).await?,
        _ => trip,
    };
    let now = tx.now();
    sqlx::query!("update resources set deleted_at = $3 where org_id = $1 and id = $2", org.0, id.0, now)
        .execute(tx.conn())
        .await?;
    tx.record(Change::removed("trip", id, &trip));
    Ok(trip)
}
