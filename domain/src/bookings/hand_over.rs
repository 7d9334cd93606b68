//! What is lent changes hands (SN6, G54): out, in a condition both saw, when it is picked up.

use super::{
    Authority, Booking, CheckIn, Proof, Status,
    check_in::is_shown,
    items::{self, Item},
    lock,
    place::plan_timers,
    queries, subject_of, tell,
};
use crate::{
    db::Tx, error::Result, ids::*, inventory::Condition, notifications::NoticeKind, permissions::Permission,
    refusals::Refusal,
};
use uuid::Uuid;

/// How one unit looks when it changes hands.
#[derive(Debug, Clone)]
pub struct Handed {
    /// Which unit of the booking.
    pub unit: UnitId,
    /// How it looks.
    pub condition: Option<Condition>,
    /// What there is to say about it, at most 1000 characters.
    pub remark: Option<String>,
}

/// Hands out every unit of a confirmed loan, around its start.
///
/// # Errors
/// [`Refusal::NotFound`] or [`Refusal::Forbidden`] unless the caller may hand over, [`Refusal::StateConflict`],
/// [`Refusal::CheckInClosed`], [`Refusal::CodeLimit`], [`Refusal::Invalid`] for a unit of another booking.
pub async fn hand_over(tx: &mut Tx, by: Authority, id: BookingId, seen: &[Handed], proof: Proof) -> Result<CheckIn> {
    let before = lock(tx, id).await?;
    let subject = subject_of(tx, &before).await?;
    subject.must_be_decided_by(by, &before, Permission::LoanHandOver.code())?;
    if before.due_at.is_none() {
        return Err(Refusal::StateConflict { status: "not_lent".into() }.into());
    }
    if before.status == Status::InUse {
        return Ok(CheckIn::Done(Box::new(before))); // twice changes nothing
    }
    if before.status != Status::Confirmed {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    let held = items::items(tx, id).await?;
    known(&held, seen)?;
    if !is_shown(tx, by, &before, proof, false).await? {
        return Ok(CheckIn::WrongCode);
    }
    write_out(tx, by.user(), &held, seen).await?;
    let now = Some(tx.now());
    let after =
        Booking { status: Status::InUse, checked_in_at: now, started_at: now, release_at: None, ..before.clone() };
    let after = queries::store(tx, &before, after).await?;
    plan_timers(tx, &after);
    tell(tx, &after, &subject, NoticeKind::LoanHandedOver).await?;
    Ok(CheckIn::Done(Box::new(after)))
}

/// Each line names a unit of this booking, once.
pub(super) fn known(held: &[Item], named: &[Handed]) -> Result<()> {
    for (at, line) in named.iter().enumerate() {
        if !held.iter().any(|item| item.unit == Some(line.unit)) {
            return Err(Refusal::invalid(format!("items[{at}].unit_id"), "is no unit of this booking").into());
        }
        if named[..at].iter().any(|earlier| earlier.unit == line.unit) {
            return Err(Refusal::invalid(format!("items[{at}].unit_id"), "is named twice").into());
        }
        super::request::check_text("remark", line.remark.as_deref())?;
    }
    Ok(())
}

async fn write_out(tx: &mut Tx, by: UserId, held: &[Item], seen: &[Handed]) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let seen_of = |item: &Item| seen.iter().find(|line| Some(line.unit) == item.unit);
    sqlx::query!(
        "update booking_items i
         set handed_over_at = $2, handed_over_by = $3, remark = seen.remark,
             condition_out = coalesce(seen.condition, (select u.condition from units u
                                                       where u.org_id = i.org_id and u.id = i.unit_id))
         from unnest($4::uuid[], $5::text[], $6::text[]) as seen (id, condition, remark)
         where i.org_id = $1 and i.id = seen.id",
        org.0,
        now,
        by.0,
        &held.iter().map(|item| item.id.into()).collect::<Vec<Uuid>>(),
        &held
            .iter()
            .map(|item| seen_of(item).and_then(|line| line.condition).map(|condition| condition.code().to_owned()))
            .collect::<Vec<_>>() as &[Option<String>],
        &held.iter().map(|item| seen_of(item).and_then(|line| line.remark.clone())).collect::<Vec<_>>()
            as &[Option<String>]
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
