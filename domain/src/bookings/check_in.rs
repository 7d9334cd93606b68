//! The rider is here (G39): the driver reads the code, and it opens only this booking, around its start.

use super::{AccessCode, Authority, Booking, Status, lock, queries};
use crate::{db::Tx, error::Result, ids::BookingId, refusals::Refusal, trips};

/// Wrong codes a booking tolerates; then staff must look.
const MOST_WRONG_CODES: i32 = 5;

/// What came of it. A wrong code is counted, so the door commits before it refuses.
#[derive(Debug)]
pub enum CheckIn {
    /// Checked in.
    Done(Box<Booking>),
    /// Not the code of this booking.
    WrongCode,
}

/// How somebody shows that the rider is there.
#[derive(Debug, Clone)]
pub enum Proof {
    /// The code the rider shows.
    Code(String),
    /// Staff saw the rider.
    Seen,
}

/// Checks a rider in.
///
/// # Errors
/// [`Refusal::NotFound`] unless the caller drives or arbitrates, [`Refusal::StateConflict`],
/// [`Refusal::CheckInClosed`], [`Refusal::CodeLimit`] after five wrong codes, [`Refusal::AccessCodeInvalid`] when staff
/// rights are needed.
pub async fn check_in(tx: &mut Tx, by: Authority, id: BookingId, proof: Proof) -> Result<CheckIn> {
    let before = lock(tx, id).await?;
    let trip = trips::of_booking(tx, before.resource).await?;
    by.must_drive(&trip)?;
    if before.status != Status::Confirmed {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    let code = AccessCode::of(&*tx.keys()?, &before);
    let seen_by_staff = matches!((&proof, by), (Proof::Seen, Authority::Staff(_)));
    if !seen_by_staff && !(code.opens_at..code.closes_at).contains(&tx.now()) {
        return Err(Refusal::CheckInClosed { opens_at: code.opens_at, closes_at: code.closes_at }.into());
    }
    match (proof, by) {
        (Proof::Seen, Authority::Staff(_)) => {} // whoever looks after a ride may do so late
        (Proof::Seen, Authority::Own(_)) => return Err(Refusal::AccessCodeInvalid.into()),
        (Proof::Code(shown), _) => {
            if wrong_codes(tx, id).await? >= MOST_WRONG_CODES {
                return Err(Refusal::CodeLimit { retry_after_seconds: 3_600 }.into());
            }
            if !code.matches(&shown) {
                count_wrong_code(tx, id).await?;
                return Ok(CheckIn::WrongCode);
            }
        }
    }
    if before.checked_in_at.is_some() {
        return Ok(CheckIn::Done(Box::new(before)));
    }
    let after = Booking { checked_in_at: Some(tx.now()), ..before.clone() };
    Ok(CheckIn::Done(Box::new(queries::store(tx, &before, after).await?)))
}

/// The code a rider shows, for the rider alone.
///
/// # Errors
/// [`Refusal::NotFound`] for everybody else, [`Refusal::StateConflict`] while the booking is not firm.
pub async fn access_code(tx: &mut Tx, by: Authority, id: BookingId) -> Result<AccessCode> {
    let booking = queries::load(tx, id).await?;
    Authority::Own(by.user()).must_ride(&booking)?;
    if booking.status != Status::Confirmed {
        return Err(Refusal::StateConflict { status: booking.status.code().into() }.into());
    }
    Ok(AccessCode::of(&*tx.keys()?, &booking))
}

async fn wrong_codes(tx: &mut Tx, id: BookingId) -> Result<i32> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!("select code_attempts from bookings where org_id = $1 and id = $2", org.0, id.0)
        .fetch_one(tx.conn())
        .await?)
}

async fn count_wrong_code(tx: &mut Tx, id: BookingId) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!("update bookings set code_attempts = code_attempts + 1 where org_id = $1 and id = $2", org.0, id.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}
