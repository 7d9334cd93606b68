//! What a code takes off a booking: promised until the booking is paid, in the books with its payment, given back to the
//! organization when the price is.

use super::{
    Redemption, RedemptionFilter,
    redemptions::{end, first},
};
use crate::{bookings::Booking, db::Tx, error::Result, ids::*, money::Money};
use std::collections::HashSet;
use uuid::Uuid;

/// What the organization adds to a payment.
#[derive(Debug)]
pub(crate) struct Discount {
    /// How much.
    pub amount: Money,
    promise: Option<Redemption>,
}

/// What was promised to a booking that is not paid.
pub(crate) async fn reserved_for(tx: &mut Tx, booking: &Booking) -> Result<Money> {
    let promise = of(tx, booking.id).await?.filter(|redemption| redemption.status == "reserved");
    Ok(promise.map_or(booking.price.with(0), |promise| promise.amount))
}

/// Those of these bookings that something is promised to.
pub(crate) async fn promised_among(tx: &mut Tx, bookings: &[BookingId]) -> Result<HashSet<BookingId>> {
    let org = tx.org()?;
    let ids: Vec<Uuid> = bookings.iter().copied().map(Uuid::from).collect();
    let found = sqlx::query_scalar!(
        r#"select booking_id as "id!: BookingId" from promo_redemptions
           where org_id = $1 and booking_id = any($2) and status = 'reserved'"#,
        org.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found.into_iter().collect())
}

/// What was given for a booking that was paid.
pub(crate) async fn given_for(tx: &mut Tx, booking: &Booking) -> Result<Money> {
    let given = of(tx, booking.id).await?.filter(|redemption| redemption.status == "used");
    Ok(given.map_or(booking.price.with(0), |given| given.amount))
}

/// What makes this much paid the whole price of the booking: nothing, or what was promised. `None` when it does not: the
/// promise went to somebody else meanwhile.
pub(crate) async fn of_payment(tx: &mut Tx, booking: &Booking, paid: Money) -> Result<Option<Discount>> {
    let promise = of(tx, booking.id).await?.filter(|redemption| redemption.status == "reserved");
    let off = promise.as_ref().map_or(0, |promise| promise.amount.amount);
    Ok(match booking.price.amount - paid.amount {
        0 => Some(Discount { amount: booking.price.with(0), promise }),
        missing if missing == off => Some(Discount { amount: booking.price.with(off), promise }),
        _ => None,
    })
}

impl Discount {
    /// The promise ends with the payment: used, or released when the whole price was paid.
    pub(crate) async fn settle(self, tx: &mut Tx) -> Result<()> {
        match self.promise {
            Some(promise) => end(tx, &promise, if self.amount.amount > 0 { "used" } else { "released" }).await,
            None => Ok(()),
        }
    }
}

async fn of(tx: &mut Tx, booking: BookingId) -> Result<Option<Redemption>> {
    first(tx, &RedemptionFilter { booking: Some(booking), ..RedemptionFilter::default() }).await
}

/// Promises to bookings that ended unpaid are free for others, once the promotion is asked for again.
pub(super) async fn release_ended(tx: &mut Tx, promo: PromoId) -> Result<()> {
    let org = tx.org()?;
    let ended = sqlx::query_scalar!(
        r#"select r.id as "id: RedemptionId" from promo_redemptions r
           join bookings b on b.org_id = r.org_id and b.id = r.booking_id
           where r.org_id = $1 and r.promo_id = $2 and r.status = 'reserved'
             and b.status in ('rejected', 'cancelled', 'expired')
           order by r.id for no key update of r"#,
        org.0,
        promo.0
    )
    .fetch_all(tx.conn())
    .await?;
    for id in ended {
        if let Some(promise) = first(tx, &RedemptionFilter { id: Some(id), ..RedemptionFilter::default() }).await? {
            end(tx, &promise, "released").await?;
        }
    }
    Ok(())
}
