//! Somebody is here (G39, SN32): the code opens only this booking, around its start. A driver reads a rider's code; who
//! parks or meets may check in alone, and the bay or the room is in use from then on.

use super::{AccessCode, Authority, Booking, Status, lock, queries, subject::Subject, subject_of};
use crate::{audit::Change, db::Tx, error::Result, ids::BookingId, inventory::Kind, refusals::Refusal};
use serde_json::json;

/// Wrong codes a booking tolerates; then staff must look.
const MOST_WRONG_CODES: i32 = 5;

/// What came of it. A wrong code is counted, so the door commits before it refuses.
#[derive(Debug)]
pub enum CheckIn {
    /// Checked in, or handed over.
    Done(Box<Booking>),
    /// Not the code of this booking.
    WrongCode,
}

/// How somebody shows that the person is there.
#[derive(Debug, Clone)]
pub enum Proof {
    /// The code the person shows.
    Code(String),
    /// Staff saw the person, or the person speaks of themselves.
    Seen,
}

/// Checks somebody in.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers, [`Refusal::StateConflict`], [`Refusal::CheckInClosed`], [`Refusal::CodeLimit`]
/// after five wrong codes, [`Refusal::AccessCodeInvalid`] when a code or staff rights are needed.
pub async fn check_in(tx: &mut Tx, by: Authority, id: BookingId, proof: Proof) -> Result<CheckIn> {
    let before = lock(tx, id).await?;
    let subject = subject_of(tx, &before).await?;
    subject.must_be_used_by(by, &before)?;
    let again = before.checked_in_at.is_some(); // twice changes nothing
    if again && subject.trip().is_none() && before.status == Status::InUse {
        return Ok(CheckIn::Done(Box::new(before)));
    }
    if before.status != Status::Confirmed {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    if before.due_at.is_some() {
        return Err(Refusal::StateConflict { status: "not_handed_over".into() }.into());
    }
    let alone = subject.trip().is_none(); // somebody who is there for themselves shows nothing
    if !is_shown(tx, by, &before, proof, alone).await? {
        return Ok(CheckIn::WrongCode);
    }
    if again {
        return Ok(CheckIn::Done(Box::new(before)));
    }
    let now = tx.now();
    let after = match subject {
        Subject::Ride(_) => Booking { checked_in_at: Some(now), ..before.clone() },
        Subject::Things(_) => {
            Booking { status: Status::InUse, checked_in_at: Some(now), started_at: Some(now), ..before.clone() }
        }
    };
    Ok(CheckIn::Done(Box::new(queries::store(tx, &before, after).await?)))
}

/// Whether the person is shown to be there, at a time when that counts; a wrong code is counted.
pub(super) async fn is_shown(tx: &mut Tx, by: Authority, booking: &Booking, proof: Proof, alone: bool) -> Result<bool> {
    let code = AccessCode::of(&*tx.keys()?, booking);
    let staff = matches!(by, Authority::Staff(_));
    let late_by_staff = staff && booking.kind == Kind::Trip && matches!(proof, Proof::Seen);
    if !late_by_staff && !(code.opens_at..code.closes_at).contains(&tx.now()) {
        return Err(Refusal::CheckInClosed { opens_at: code.opens_at, closes_at: code.closes_at }.into());
    }
    match proof {
        Proof::Seen if staff || alone => Ok(true), // whoever looks after a ride may do so late
        Proof::Seen => Err(Refusal::AccessCodeInvalid.into()),
        Proof::Code(shown) => {
            if wrong_codes(tx, booking.id).await? >= MOST_WRONG_CODES {
                return Err(Refusal::CodeLimit { retry_after_seconds: 3_600 }.into());
            }
            if !code.matches(&shown) {
                count_wrong_code(tx, booking.id).await?;
                return Ok(false);
            }
            Ok(true)
        }
    }
}

/// The code a person shows, for the person alone: to get on, to check in, to pick up.
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

/// One attempt more, and in the trail: somebody may be trying codes (U1).
async fn count_wrong_code(tx: &mut Tx, id: BookingId) -> Result<()> {
    let org = tx.org()?;
    let count = sqlx::query_scalar!(
        "update bookings set code_attempts = code_attempts + 1 where org_id = $1 and id = $2 returning code_attempts",
        org.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    let attempts = |count: i32| json!({ "code_attempts": count });
    let reason = json!({ "reason": "access_code_refused" });
    tx.record(Change::updated("booking", id, attempts(count - 1), attempts(count)).because(reason));
    Ok(())
}
