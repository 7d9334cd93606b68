//! What was lent comes back, at once or in parts (SN6). Each unit is free from its return on, and looks as it was seen;
//! the last one ends the loan and settles what being late costs (L14).

use super::{
    Authority, Booking, Status,
    end::complete,
    hand_over::{Handed, known},
    items::{self, Item},
    lock, person, queries,
    subject::Subject,
    subject_of, tell,
};
use crate::{
    audit::Change, db::Tx, error::Result, fines, ids::*, inventory::units, money::Money, notifications::NoticeKind,
    organizations, permissions::Permission, policies::LateReturn, refusals::Refusal, waitlist,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

/// Takes back the named units, or all that are out when none is named.
///
/// # Errors
/// [`Refusal::NotFound`] or [`Refusal::Forbidden`] unless the caller may take back, [`Refusal::StateConflict`] unless it
/// is out, [`Refusal::Invalid`] for a unit of another booking, [`Refusal::Conflict`] for one that is back already.
pub async fn take_back(tx: &mut Tx, by: Authority, id: BookingId, seen: &[Handed]) -> Result<Booking> {
    let before = lock(tx, id).await?;
    let subject = subject_of(tx, &before).await?;
    subject.must_be_decided_by(by, &before, Permission::LoanHandOver.code())?;
    let Some(due_at) = before.due_at else {
        return Err(Refusal::StateConflict { status: "not_lent".into() }.into());
    };
    if before.status != Status::InUse {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    let held = items::items(tx, id).await?;
    known(&held, seen)?;
    let returned: Vec<&Item> =
        held.iter().filter(|item| seen.is_empty() || seen.iter().any(|line| Some(line.unit) == item.unit)).collect();
    if !seen.is_empty() && returned.iter().any(|item| item.returned_at.is_some()) {
        return Err(Refusal::Conflict { reason: "one of these units is back already" }.into());
    }
    let returned: Vec<&Item> = returned.into_iter().filter(|item| item.is_out()).collect();
    write_in(tx, by.user(), &returned, seen).await?;
    note_conditions(tx, id, &returned, seen).await?;
    let left = held.iter().filter(|item| item.is_out()).count() - returned.len();
    if left > 0 {
        return in_part(tx, &before, &returned, left).await;
    }
    let after = complete(tx, &before, &subject).await?;
    settle_lateness(tx, &after, &subject, due_at).await?;
    tell(tx, &after, &subject, NoticeKind::LoanReturned).await?;
    Ok(after)
}

/// Some units are back and free; the others are still out.
async fn in_part(tx: &mut Tx, before: &Booking, returned: &[&Item], left: usize) -> Result<Booking> {
    let freed: Vec<UnitId> = returned.iter().filter_map(|item| item.unit).collect();
    units::release_of(tx, before.id.into(), &freed).await?;
    let mut resources: Vec<ResourceId> = returned.iter().map(|item| item.resource).collect();
    resources.sort_unstable();
    resources.dedup();
    waitlist::units_freed(tx, &resources).await?;
    let after = queries::store_quietly(tx, before, before.clone()).await?;
    let labels: Vec<_> = returned.iter().filter_map(|item| item.label.clone()).collect();
    let meta = json!({ "returned": labels, "still_out": left });
    tx.record(Change::updated("booking", before.id, before, &after).because(meta));
    Ok(after)
}

async fn write_in(tx: &mut Tx, by: UserId, returned: &[&Item], seen: &[Handed]) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let seen_of = |item: &Item| seen.iter().find(|line| Some(line.unit) == item.unit);
    sqlx::query!(
        "update booking_items i
         set returned_at = $2, returned_to = $3, condition_in = seen.condition, remark = coalesce(seen.remark, i.remark)
         from unnest($4::uuid[], $5::text[], $6::text[]) as seen (id, condition, remark)
         where i.org_id = $1 and i.id = seen.id",
        org.0,
        now,
        by.0,
        &returned.iter().map(|item| item.id.into()).collect::<Vec<Uuid>>(),
        &returned
            .iter()
            .map(|item| seen_of(item).and_then(|line| line.condition).map(|condition| condition.code().to_owned()))
            .collect::<Vec<_>>() as &[Option<String>],
        &returned.iter().map(|item| seen_of(item).and_then(|line| line.remark.clone())).collect::<Vec<_>>()
            as &[Option<String>]
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn note_conditions(tx: &mut Tx, id: BookingId, returned: &[&Item], seen: &[Handed]) -> Result<()> {
    for line in seen.iter().filter(|line| returned.iter().any(|item| item.unit == Some(line.unit))) {
        if let Some(condition) = line.condition {
            units::note_condition(tx, line.unit, condition, id).await?;
        }
    }
    Ok(())
}

/// Points and fine of a late return, once: the loan has just ended.
async fn settle_lateness(tx: &mut Tx, loan: &Booking, subject: &Subject, due_at: DateTime<Utc>) -> Result<()> {
    let rules = loan.policy.late_return;
    let hours = hours_late(&rules, due_at, tx.now());
    if hours == 0 {
        return Ok(());
    }
    person::add_points(tx, loan.beneficiary, rules.penalty_points).await?;
    let amount = fine(&rules, hours);
    if amount == 0 {
        return Ok(());
    }
    let currency = organizations::load(tx).await?.currency;
    fines::charge(tx, loan, subject, fines::Reason::LateReturn, Money { amount, currency }).await
}

/// Hours begun after the grace.
fn hours_late(rules: &LateReturn, due_at: DateTime<Utc>, returned: DateTime<Utc>) -> i64 {
    let late = returned - due_at - TimeDelta::minutes(rules.grace_minutes.into());
    if late <= TimeDelta::zero() { 0 } else { (late.num_seconds() + 3_599) / 3_600 }
        .max(i64::from(late > TimeDelta::zero()))
}

fn fine(rules: &LateReturn, hours: i64) -> i64 {
    let most = rules.fine_most.unwrap_or(crate::money::LARGEST_AMOUNT);
    rules.fine_per_hour.saturating_mul(hours).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hour_begun_after_the_grace_counts_up_to_the_most() {
        let rules = LateReturn { grace_minutes: 15, penalty_points: 1, fine_per_hour: 500, fine_most: Some(1_200) };
        let due: DateTime<Utc> = "2026-11-30T12:00:00Z".parse().unwrap();
        let hours = |minutes| hours_late(&rules, due, due + TimeDelta::minutes(minutes));
        assert_eq!([hours(-60), hours(0), hours(15), hours(16), hours(75), hours(76)], [0, 0, 0, 1, 1, 2]);
        assert_eq!(hours_late(&rules, due, due + TimeDelta::minutes(15) + TimeDelta::milliseconds(1)), 1);
        assert_eq!([fine(&rules, 1), fine(&rules, 2), fine(&rules, 3)], [500, 1_000, 1_200]);
    }
}
