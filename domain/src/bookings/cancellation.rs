//! What giving up costs (L1, L2, G19, CX36, ★18): the first tier whose time has not come applies, by the policy as it was
//! when booked. A quote says so before anybody gives up, and binds: whoever cancels with it gets exactly that.

use super::{Authority, Booking, Status, load, subject::Subject, subject_of};
use crate::{
    db::Tx, error::Result, ids::BookingId, keys::Keys, money::Money, policies::CancellationTier, promotions, refunds,
    refusals::Refusal,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use subtle::ConstantTimeEq;

/// How long a quote binds.
const BINDS: TimeDelta = TimeDelta::minutes(10);

/// What giving up a booking would come to.
#[derive(Debug, Clone)]
pub struct CancellationQuote {
    /// What is kept.
    pub fee: Money,
    /// What goes back, the way it came.
    pub refund: Money,
    /// Every movement of money there would be: from, to, how much.
    pub postings: Vec<(&'static str, &'static str, Money)>,
    /// What would be kept if nobody came instead (L4); `None` where that is not looked after.
    pub no_show_fee: Option<Money>,
    /// Until when it binds.
    pub valid_until: DateTime<Utc>,
    /// To be sent with the cancellation.
    pub code: String,
}

/// What giving up would cost whoever asks, and a code that binds us to it for a while.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers, [`Refusal::StateConflict`] for what cannot be cancelled, [`Refusal::Policy`] when it
/// is too late.
pub async fn cancellation_quote(tx: &mut Tx, by: Authority, id: BookingId) -> Result<CancellationQuote> {
    let booking = load(tx, id).await?;
    by.must_ride(&booking)?;
    if !matches!(booking.status, Status::Pending | Status::Waitlisted | Status::Approved | Status::Confirmed) {
        return Err(Refusal::StateConflict { status: booking.status.code().into() }.into());
    }
    let fee = fee(tx, by, &booking).await?;
    let back = paid(&booking).amount - fee.amount;
    let given = promotions::given_for(tx, &booking).await?.amount.min(back);
    let refund = fee.with(back - given);
    let in_wallet = refund.amount > 0 && refunds::goes_to_wallet(tx, &booking).await?;
    let destination = if in_wallet { "wallet" } else { "refund_transit" };
    let movements = [("escrow", "fees", fee), ("escrow", "promo", fee.with(given)), ("escrow", destination, refund)];
    let valid_until = (tx.now() + BINDS).min(booking.start_at.max(tx.now()));
    Ok(CancellationQuote {
        code: Promise { valid_until, fee: fee.amount, version: booking.version }.sealed(&*tx.keys()?, &booking),
        postings: movements.into_iter().filter(|(.., amount)| amount.amount > 0).collect(),
        no_show_fee: booking.policy.release_after_minutes.map(|_| booking.policy.no_show.fee_of(paid(&booking))),
        fee,
        refund,
        valid_until,
    })
}

/// What is kept when this booking is given up now; nothing when staff do it.
///
/// # Errors
/// [`Refusal::Policy`] or [`Refusal::DeparturePassed`] when it is too late for its person.
pub(super) async fn fee(tx: &mut Tx, by: Authority, booking: &Booking) -> Result<Money> {
    if matches!(by, Authority::Staff(_)) {
        return Ok(booking.price.with(0)); // staff may still undo a ride nobody took
    }
    let subject = subject_of(tx, booking).await?;
    must_be_in_time(tx.now(), booking, &subject)?;
    let paid = paid(booking);
    Ok(tier(tx.now(), booking).map_or(paid.with(0), |tier| tier.fee_of(paid)))
}

/// What a quote promised for this booking as it stands.
///
/// # Errors
/// [`Refusal::Invalid`] for what is no quote of it, [`Refusal::Conflict`] when it no longer binds.
pub(super) fn promised(tx: &Tx, booking: &Booking, code: &str) -> Result<Money> {
    let keys = tx.keys()?;
    let promise = Promise::opened(&keys, booking, code)
        .ok_or_else(|| Refusal::invalid("quote", "is not a quote for this booking"))?;
    if promise.valid_until <= tx.now() {
        return Err(Refusal::Conflict { reason: "quote_expired" }.into());
    }
    if promise.version != booking.version {
        return Err(Refusal::Conflict { reason: "quote_outdated" }.into());
    }
    Ok(booking.price.with(promise.fee))
}

/// What its person may no longer give up, or move away: that would be the same.
pub(super) fn must_be_in_time(now: DateTime<Utc>, booking: &Booking, subject: &Subject) -> Result<()> {
    if !matches!(booking.status, Status::Approved | Status::Confirmed) {
        return Ok(());
    }
    if let Subject::Ride(trip) = subject {
        if booking.status != Status::Confirmed {
            return Ok(()); // nothing was paid
        }
        if trip.departure_at <= now {
            return Err(Refusal::DeparturePassed { departure_at: trip.departure_at }.into());
        }
    }
    let left = booking.start_at - now;
    let tier = tier(now, booking);
    if left > TimeDelta::zero() && tier.is_none_or(|tier| tier.allowed) {
        return Ok(());
    }
    let limit = tier.map_or(0, |tier| tier.before_minutes.into());
    Err(Refusal::Policy { rule: "cancellation", limit, value: left.num_minutes() }.into())
}

fn tier(now: DateTime<Utc>, booking: &Booking) -> Option<&CancellationTier> {
    let left = booking.start_at - now;
    booking.policy.cancellation.iter().find(|tier| left < TimeDelta::minutes(tier.before_minutes.into()))
}

/// What is held for it.
fn paid(booking: &Booking) -> Money {
    if booking.status == Status::Confirmed { booking.price } else { booking.price.with(0) }
}

/// What a code says. It is derived, not stored: a MAC over it and the booking.
struct Promise {
    valid_until: DateTime<Utc>,
    fee: i64,
    version: i32,
}

impl Promise {
    fn content(&self) -> Vec<u8> {
        let mut content = self.valid_until.timestamp().to_be_bytes().to_vec();
        content.extend(self.fee.to_be_bytes());
        content.extend(self.version.to_be_bytes());
        content
    }

    fn mac(keys: &Keys, booking: &Booking, content: &[u8]) -> [u8; 32] {
        keys.mac("cancellation quote", &[booking.id.0.as_bytes(), content])
    }

    fn sealed(&self, keys: &Keys, booking: &Booking) -> String {
        let mut content = self.content();
        let mac = Self::mac(keys, booking, &content);
        content.extend(&mac[..16]);
        URL_SAFE_NO_PAD.encode(content)
    }

    fn opened(keys: &Keys, booking: &Booking, code: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(code).ok()?;
        let (content, mac) = bytes.split_at_checked(20)?;
        if !bool::from(Self::mac(keys, booking, content)[..16].ct_eq(mac)) {
            return None;
        }
        let (seconds, rest) = content.split_at_checked(8)?;
        let (fee, version) = rest.split_at_checked(8)?;
        Some(Self {
            valid_until: DateTime::from_timestamp(i64::from_be_bytes(seconds.try_into().ok()?), 0)?,
            fee: i64::from_be_bytes(fee.try_into().ok()?),
            version: i32::from_be_bytes(version.try_into().ok()?),
        })
    }
}
