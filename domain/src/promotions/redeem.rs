//! Somebody uses a code (M2, M4, M10). The promotion is locked, so that of many at once each sees the ones before; the
//! numbers of its uses are unique in the database, whoever forgets the lock.

use super::{
    Effect, Promo, Redemption, Status,
    discount::release_ended,
    queries::{by_code, lock},
    redemptions::{self, NewRedemption},
};
use crate::{
    bookings::{self, Authority, Booking},
    db::Tx,
    error::Result,
    ids::*,
    ledger::postings,
    money::Money,
    payments,
    refusals::Refusal,
    wallet,
};

/// What a code would do now, for one person.
#[derive(Debug, Clone)]
pub struct Redeemable {
    /// The promotion.
    pub promo: Promo,
    /// What it gives.
    pub amount: Money,
    /// The price of the booking it is used on.
    pub price: Option<Money>,
}

impl Redeemable {
    /// What is left to pay for the booking.
    #[must_use]
    pub fn to_pay(&self) -> Option<Money> {
        self.price.map(|price| price.with(price.amount - self.amount.amount))
    }
}

/// What a code would give this person, for this booking if it takes something off (M2). Nothing is kept.
///
/// # Errors
/// As [`redeem`].
pub async fn validate(tx: &mut Tx, user: UserId, code: &str, booking: Option<BookingId>) -> Result<Redeemable> {
    let booking = payable(tx, user, booking).await?;
    let promo = by_code(tx, code).await?;
    let found = judge(tx, promo, booking.as_ref())?;
    next_numbers(tx, &found.promo, user).await?;
    Ok(found)
}

/// Uses a code once: credit is in the wallet at once; what is taken off a booking is promised to it and enters the books
/// with its payment, or at once when nothing is left to pay.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown code or a stranger's booking, [`Refusal::PromoRefused`] outside its time or when it
/// is used up, [`Refusal::AlreadyRedeemed`], [`Refusal::Invalid`], and what paying the booking is refused with.
pub async fn redeem(tx: &mut Tx, user: UserId, code: &str, booking: Option<BookingId>) -> Result<Redemption> {
    let booking = payable(tx, user, booking).await?;
    let id = by_code(tx, code).await?.id;
    let promo = lock(tx, id).await?;
    let found = judge(tx, promo, booking.as_ref())?;
    release_ended(tx, id).await?;
    let (number, user_number) = next_numbers(tx, &found.promo, user).await?;
    let covered = booking.as_ref().is_none_or(|booking| booking.price.amount == found.amount.amount);
    let new = NewRedemption {
        promo: &found.promo,
        user,
        booking: booking.as_ref().map(|booking| booking.id),
        amount: found.amount,
        number,
        user_number,
        used: covered,
    };
    let redemption = redemptions::insert(tx, new).await?;
    match booking {
        None => {
            postings::promo_credited(tx, redemption.id, user, found.amount).await?;
            wallet::tell_credited(tx, user, found.amount, ("redemption", redemption.id.into())).await?;
        }
        Some(booking) if covered => {
            postings::booking_given(tx, booking.id, found.amount).await?;
            let subject = bookings::subject_of(tx, &booking).await?;
            bookings::confirm_paid(tx, &booking, &subject).await?;
        }
        Some(_) => {}
    }
    Ok(redemption)
}

/// The booking, locked, if it is theirs and waits for its payment.
async fn payable(tx: &mut Tx, user: UserId, booking: Option<BookingId>) -> Result<Option<Booking>> {
    match booking {
        None => Ok(None),
        Some(id) => Ok(Some(payments::payable_booking(tx, Authority::Own(user), id).await?)),
    }
}

fn judge(tx: &Tx, promo: Promo, booking: Option<&Booking>) -> Result<Redeemable> {
    let refused = |reason| Err(Refusal::PromoRefused { reason }.into());
    if promo.status == Status::Inactive {
        return refused("inactive");
    }
    if promo.starts_at > tx.now() {
        return refused("not_started");
    }
    if promo.ends_at.is_some_and(|ends_at| ends_at <= tx.now()) {
        return refused("ended");
    }
    match (promo.effect, booking) {
        (Effect::Credit, None) => Ok(Redeemable { amount: promo.worth()?, price: None, promo }),
        (Effect::Credit, Some(_)) => Err(Refusal::invalid("booking_id", "this code is not for a booking").into()),
        (_, None) => Err(Refusal::invalid("booking_id", "name the booking it is for").into()),
        (Effect::AmountOff, Some(booking)) if promo.worth()?.currency != booking.price.currency => {
            refused("another_currency")
        }
        (_, Some(booking)) => match promo.off(booking.price) {
            off if off.amount == 0 => refused("gives_nothing"),
            amount => Ok(Redeemable { amount, price: Some(booking.price), promo }),
        },
    }
}

/// The smallest numbers nobody has: of all uses, and of this person's.
async fn next_numbers(tx: &mut Tx, promo: &Promo, user: UserId) -> Result<(i32, i32)> {
    let org = tx.org()?;
    let row = sqlx::query!(
        r#"with live as (select r.number, r.user_id, r.user_number from promo_redemptions r
                         left join bookings b on b.org_id = r.org_id and b.id = r.booking_id
                         where r.org_id = $1 and r.promo_id = $2
                           and (r.status = 'used'
                                or r.status = 'reserved' and b.status not in ('rejected', 'cancelled', 'expired')))
           select (select min(c.n) from (select 1 as n union all select number + 1 from live) c
                   where not exists (select from live where live.number = c.n)) as "number!",
                  (select min(c.n) from (select 1 as n union all select user_number + 1 from live where user_id = $3) c
                   where not exists (select from live where live.user_id = $3 and live.user_number = c.n))
                      as "user_number!""#,
        org.0,
        promo.id.0,
        user.0
    )
    .fetch_one(tx.conn())
    .await?;
    if row.user_number > promo.per_user_limit {
        return Err(Refusal::AlreadyRedeemed { limit: promo.per_user_limit }.into());
    }
    if promo.max_uses.is_some_and(|most| row.number > most) {
        return Err(Refusal::PromoRefused { reason: "used_up" }.into());
    }
    Ok((row.number, row.user_number))
}
