//! What a booking would cost, and what the platform would keep. The same function prices the booking itself.

use crate::{
    db::Tx,
    error::Result,
    ids::ResourceId,
    money::Money,
    organizations::{self, settings::Settings},
    refusals::Refusal,
    trips::{self, Trip},
};
use serde::Serialize;

/// A price and its parts.
#[derive(Debug, Clone, Serialize)]
pub struct Quote {
    /// What the rider pays.
    pub price: Money,
    /// For one seat.
    pub unit_price: Money,
    /// How many seats.
    pub quantity: i32,
    /// What the platform keeps of it.
    pub commission: Money,
    /// What the driver earns.
    pub earnings: Money,
}

/// Prices `quantity` seats of a trip without booking them.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Invalid`] for a quantity out of bounds.
pub async fn quote(tx: &mut Tx, trip: ResourceId, quantity: i32) -> Result<Quote> {
    let trip = trips::find(tx, trip).await?;
    if trip.status == "draft" {
        return Err(Refusal::NotFound.into());
    }
    let settings = organizations::load(tx).await?.settings;
    price(&trip, quantity, &settings)
}

/// Prices seats of a trip under these settings.
pub(super) fn price(trip: &Trip, quantity: i32, settings: &Settings) -> Result<Quote> {
    if !(1..=60).contains(&quantity) {
        return Err(Refusal::invalid("seats", "must be between 1 and 60").into());
    }
    let unit_price = trip.price_per_seat;
    let price = Money::asked(unit_price.amount.saturating_mul(i64::from(quantity)), unit_price.currency)?;
    let commission = settings.commission.of(price);
    let earnings = price.with(price.amount - commission.amount);
    Ok(Quote { price, unit_price, quantity, commission, earnings })
}
