//! A booking is moved, lengthened or shortened in one step that never loses the old slot (G34, SN13): it is released and
//! claimed anew in one commit, and whatever refuses leaves everything as it was.

use super::{
    Authority, Booking, Status, cancel, free, hours,
    items::{self, Given, Item},
    lock,
    make_room::make_room,
    person,
    place::{plan_timers, release_at},
    plan, queries,
    request::check_text,
    subject::Subject,
    subject_of,
    submit::as_written,
    tell,
    things::{self, Thing},
    when::When,
    wishes::{self, Wanted},
};
use crate::{
    db::Tx, error::Result, ids::*, inventory::units, notifications::NoticeKind, permissions::Permission,
    policies::Approval, refusals::Refusal,
};

/// What shall change; absent fields stay (CX13).
#[derive(Debug, Clone, Default)]
pub struct BookingPatch {
    /// Another time.
    pub when: Option<When>,
    /// Another number of units, of a booking of one resource whose units nobody named.
    pub quantity: Option<i32>,
    /// Another unit of the same resource, of a booking of one.
    pub unit: Option<UnitId>,
    /// How many people come.
    pub participants: Option<i32>,
    /// What it is for; empty takes it away.
    pub purpose: Option<String>,
    /// A word to whoever decides; empty takes it away.
    pub note: Option<String>,
}

impl BookingPatch {
    fn takes_other_units(&self) -> bool {
        self.quantity.is_some() || self.unit.is_some()
    }

    fn moves(&self) -> bool {
        self.when.is_some() || self.takes_other_units()
    }
}

/// Changes a booking; the door has checked which version was meant.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers, [`Refusal::StateConflict`] once it ended, [`Refusal::Taken`] when the new time is
/// not free, [`Refusal::Policy`] and its relatives, [`Refusal::Forbidden`] where somebody agreed to it as it is,
/// [`Refusal::Conflict`] when a price that is due would change, [`Refusal::Invalid`].
pub async fn reschedule(tx: &mut Tx, by: Authority, id: BookingId, patch: BookingPatch) -> Result<Booking> {
    check_text("note", patch.note.as_deref())?;
    check_text("purpose", patch.purpose.as_deref())?;
    let before = lock(tx, id).await?;
    by.must_ride(&before)?;
    let subject = subject_of(tx, &before).await?;
    must_be_open(tx, by, &before, &subject, &patch)?;
    let mut after = reworded(&before, &patch)?;
    if matches!(subject, Subject::Ride(_)) {
        if patch.moves() || patch.participants.is_some() || patch.purpose.is_some() {
            return Err(Refusal::invalid("start_at", "a ride moves with its trip: only the note may change").into());
        }
        return queries::store(tx, &before, after).await;
    }
    if !patch.moves() && patch.participants.is_none() {
        return queries::store(tx, &before, after).await;
    }
    let held = items::items(tx, id).await?;
    let wanted = rewished(tx, &held, &patch).await?;
    let things = things::bookable(tx, &wishes::resources(&wanted)).await?;
    plan::must_hold(&things, after.participants)?;
    if !patch.moves() {
        return queries::store(tx, &before, after).await;
    }
    let lines = replanned(tx, &before, &mut after, &things, &wanted, patch.when).await?;
    let given = moved_units(tx, &before, &after, &held, &wanted).await?;
    let after = queries::store(tx, &before, after).await?;
    queries::store_terms(tx, &after, lines).await?;
    if let Some(given) = given {
        items::write(tx, id, &given).await?;
        if after.status.is_active() {
            items::claim(tx, &after, &given).await?;
        }
    }
    if after.status.is_active() {
        plan_timers(tx, &after);
        free::serve_the_line(tx, &before).await?;
        let subject = subject_of(tx, &after).await?; // its units may be others now
        tell(tx, &after, &subject, NoticeKind::ReservationMoved).await?;
    }
    Ok(after)
}

/// What may still change, and by whom. What staff agreed to is moved by staff: a person would else get an hour agreed
/// to and take a week.
fn must_be_open(tx: &Tx, by: Authority, before: &Booking, subject: &Subject, patch: &BookingPatch) -> Result<()> {
    let conflict = |status: &str| Err(Refusal::StateConflict { status: status.into() }.into());
    match before.status {
        Status::Draft | Status::Confirmed => {}
        Status::Pending | Status::Approved => {
            if let Some(expired_at) = before.hold_expires_at.filter(|deadline| *deadline <= tx.now()) {
                return Err(Refusal::HoldExpired { expired_at }.into());
            }
        }
        Status::InUse if patch.takes_other_units() => return conflict("in_use"),
        Status::InUse if before.overdue_at.is_some() && matches!(by, Authority::Own(_)) => return conflict("overdue"),
        Status::InUse => {}
        other => return conflict(other.code()),
    }
    if !patch.moves() || matches!(by, Authority::Staff(_)) {
        return Ok(());
    }
    let agreed = matches!(before.status, Status::Approved | Status::Confirmed | Status::InUse);
    if agreed && before.policy.approval == Approval::Staff {
        return Err(Refusal::Forbidden { permission: Permission::BookingApprove.code() }.into());
    }
    cancel::must_be_in_time(tx.now(), before, subject)
}

fn reworded(before: &Booking, patch: &BookingPatch) -> Result<Booking> {
    if patch.participants.is_some_and(|people| !(1..=100_000).contains(&people)) {
        return Err(Refusal::invalid("participants", "must be between 1 and 100000").into());
    }
    let text = |new: &Option<String>, old: &Option<String>| match new {
        Some(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        None => old.clone(),
    };
    Ok(Booking {
        note: text(&patch.note, &before.note),
        purpose: text(&patch.purpose, &before.purpose),
        participants: patch.participants.unwrap_or(before.participants),
        ..before.clone()
    })
}

async fn rewished(tx: &mut Tx, held: &[Item], patch: &BookingPatch) -> Result<Vec<Wanted>> {
    let wanted = items::wanted(held);
    match (patch.quantity, patch.unit, wanted.as_slice()) {
        (None, None, _) => Ok(wanted),
        (Some(_), Some(_), _) => Err(Refusal::invalid("unit_id", "use quantity, or unit_id, not both").into()),
        (Some(quantity), None, [line]) if line.unit.is_none() => {
            wishes::check(&[wishes::Wish::Some(line.resource, quantity)])?;
            Ok(vec![Wanted { quantity, ..*line }])
        }
        (Some(_), None, _) => Err(Refusal::invalid("quantity", "this booking names its units: book anew").into()),
        (None, Some(unit), [line]) if line.quantity == 1 => {
            let named = wishes::known(tx, &[wishes::Wish::Unit(unit)]).await?;
            if named[0].resource != line.resource {
                return Err(Refusal::invalid("unit_id", "must be a unit of the same resource").into());
            }
            Ok(named)
        }
        (None, Some(_), _) => Err(Refusal::invalid("unit_id", "only a booking of one unit can name another").into()),
    }
}

/// Judges the new time by the rules the booking was made under (CX36), and writes it into `after`.
async fn replanned(
    tx: &mut Tx,
    before: &Booking,
    after: &mut Booking,
    things: &[Thing],
    wanted: &[Wanted],
    when: Option<When>,
) -> Result<serde_json::Value> {
    let when = when.unwrap_or_else(|| as_written(before));
    let plan = plan::plan(tx.now(), &before.policy, things, wanted, when, Some(before.start_at))?;
    let times = plan.times;
    if (times.span.start, times.span.end) != (before.start_at, before.end_at) {
        hours::must_be_open(tx, things, &before.policy, times.span).await?;
    }
    if before.status == Status::InUse && times.span.start != before.start_at {
        return Err(Refusal::StateConflict { status: "in_use".into() }.into());
    }
    if plan.price != before.price && !matches!(before.status, Status::Draft | Status::Pending) {
        return Err(Refusal::Conflict { reason: "its price would change: cancel it and book anew" }.into());
    }
    after.start_at = times.span.start;
    after.end_at = times.span.end;
    after.local = times.local;
    after.period = times.period;
    after.quantity = plan.quantity;
    after.price = plan.price;
    after.payment_status = if plan.price == before.price {
        before.payment_status.clone()
    } else {
        if plan.price.amount == 0 { "none" } else { "due" }.into()
    };
    after.due_at = before.due_at.map(|_| times.span.end);
    after.overdue_at = before.overdue_at.filter(|_| times.span.end <= tx.now());
    if before.status == Status::Confirmed {
        after.release_at = release_at(tx.now(), after);
    }
    if matches!(before.status, Status::Pending) {
        after.hold_expires_at = Some(if after.start_at > tx.now() { after.start_at } else { after.end_at });
    } else if before.status == Status::Approved {
        after.hold_expires_at = before.hold_expires_at.map(|deadline| deadline.min(after.start_at.max(tx.now())));
    }
    Ok(plan.lines)
}

/// Releases what is held and picks anew, the same units where they are free. What was handed out stays with whoever has
/// it: then only its time is claimed anew, and there is nothing to write (`None`).
async fn moved_units(
    tx: &mut Tx,
    before: &Booking,
    after: &Booking,
    held: &[Item],
    wanted: &[Wanted],
) -> Result<Option<Vec<Given>>> {
    if before.status == Status::Draft {
        return items::written_down(tx, wanted).await.map(Some);
    }
    person::lock(tx, after.beneficiary).await?;
    person::may_have_time(tx, after).await?;
    make_room(tx, &wishes::resources(wanted)).await?; // while it holds what it has: nobody in line gets that
    units::release(tx, before.id.into()).await?;
    if before.status != Status::InUse {
        let keep: Vec<UnitId> = held.iter().filter_map(|item| item.unit).collect();
        return items::pick(tx, after, wanted, &keep).await.map(Some);
    }
    let out: Vec<Wanted> = held
        .iter()
        .filter(|item| item.is_out())
        .map(|item| Wanted { resource: item.resource, quantity: 1, unit: item.unit })
        .collect();
    let given = items::pick(tx, after, &out, &[]).await?;
    items::claim(tx, after, &given).await?;
    Ok(None)
}
