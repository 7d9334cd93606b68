//! Nobody came (G49, L4, SN32, CX37): one event, whose consequences the policy switches on, as it was when booked. Of what
//! was paid the policy's share is kept, and the rest goes back.

use super::{Booking, Status, end::complete_if_over, free, lock, person, queries, subject::Subject, subject_of, tell};
use crate::{
    db::Tx, error::Result, fines, ids::BookingId, ledger::postings, money::Money, notifications::NoticeKind,
    organizations, refunds,
};

/// Gives away what nobody checked in for or picked up, if that time has come; otherwise finds nothing to do.
///
/// # Errors
/// A fault when the database fails.
pub async fn release_missed(tx: &mut Tx, id: BookingId) -> Result<bool> {
    let before = lock(tx, id).await?;
    let missed = before.status == Status::Confirmed
        && before.checked_in_at.is_none()
        && before.release_at.is_some_and(|deadline| deadline <= tx.now());
    if missed {
        no_show(tx, &before).await?;
    }
    Ok(missed)
}

async fn no_show(tx: &mut Tx, before: &Booking) -> Result<()> {
    let subject = subject_of(tx, before).await?;
    free::let_go(tx, before).await?;
    let after = Booking { status: Status::NoShow, ended_at: Some(tx.now()), ..before.clone() };
    let after = queries::store(tx, before, after).await?;
    let rules = after.policy.no_show;
    if after.price.amount > 0 {
        let kept = rules.fee_of(after.price);
        postings::no_show(tx, after.id, kept).await?;
        refunds::of_booking(tx, &after, after.price.with(after.price.amount - kept.amount)).await?;
    }
    person::add_points(tx, after.beneficiary, rules.penalty_points).await?;
    if rules.fine > 0 {
        let currency = organizations::load(tx).await?.currency;
        let amount = Money { amount: rules.fine, currency };
        fines::charge(tx, &after, &subject, fines::Reason::NoShow, amount).await?;
    }
    let Subject::Ride(trip) = &subject else {
        return tell(tx, &after, &subject, NoticeKind::ReservationReleased).await;
    };
    complete_if_over(tx, trip).await?;
    tell(tx, &after, &subject, NoticeKind::RideMissed).await
}
