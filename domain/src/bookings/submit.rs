//! A draft is handed in (MODEL §3): it is judged and taken as if it were asked for at this moment.

use super::{
    Authority, Booking, Status, hours, items, lock,
    place::placed,
    plan, queries,
    request_things::{announce, take},
    subject::Subject,
    things,
    when::{Moment, When},
    wishes,
};
use crate::{db::Tx, error::Result, ids::BookingId, refusals::Refusal};

/// Submits a draft.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers, [`Refusal::StateConflict`] unless it is a draft, and whatever refuses a request.
pub async fn submit(tx: &mut Tx, by: Authority, id: BookingId) -> Result<Booking> {
    let before = lock(tx, id).await?;
    by.must_ride(&before)?;
    if before.status != Status::Draft {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    let wanted = items::wanted(&items::items(tx, id).await?);
    let things = things::bookable(tx, &wishes::resources(&wanted)).await?;
    let rules = plan::rules_of(&things)?;
    let plan = plan::plan(tx.now(), &rules, &things, &wanted, as_written(&before), None)?;
    plan::must_hold(&things, before.participants)?;
    hours::must_be_open(tx, &things, &rules, plan.times.span).await?;
    let submitted = Booking {
        start_at: plan.times.span.start,
        end_at: plan.times.span.end,
        due_at: rules.hand_over.then_some(plan.times.span.end),
        payment_status: if plan.price.amount == 0 { "none" } else { "due" }.into(),
        price: plan.price,
        policy: rules,
        ..before.clone()
    };
    let given = take(tx, &submitted, &wanted).await?;
    let after = placed(tx.now(), submitted);
    let after = queries::store(tx, &before, after).await?;
    queries::store_terms(tx, &after, plan.lines).await?;
    items::write(tx, id, &given).await?;
    items::claim(tx, &after, &given).await?;
    let subject = Subject::of_things(&things, &given);
    announce(tx, &after, &subject).await?;
    Ok(after)
}

/// The time of a booking as its person meant it (CX21): a half-day stays one, wall-clock times stay on their clocks.
pub(super) fn as_written(booking: &Booking) -> When {
    match (booking.period, booking.local) {
        (Some(period), Some((start, _))) => When::Part { date: start.date(), period },
        (_, Some((start, end))) => {
            When::Range { start: Moment::Meant(start, booking.start_at), end: Moment::Meant(end, booking.end_at) }
        }
        _ => When::Range { start: Moment::Instant(booking.start_at), end: Moment::Instant(booking.end_at) },
    }
}
