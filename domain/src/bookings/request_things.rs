//! Somebody asks for bays, copies, rooms (G10, G11, G26, G27). Order of locks: the things by id, the person, other
//! bookings; so no two requests wait for one another in a ring.

use super::{
    Booking, NewBooking, Status, expire_hold,
    items::{self, Given},
    person,
    place::{placed, plan_timers},
    plan::{self, Plan},
    request::insert,
    request_ride::{code, must_pay_what_was_booked},
    subject_of, tell,
    things::{self, Thing},
    when::When,
    wishes::{self, Wanted},
};
use crate::{
    audit::Change, db::Tx, error::Result, ids::*, notifications::NoticeKind, organizations, policies::Rules,
    refusals::Refusal,
};

/// Books things of the organization, or writes the wish down as a draft.
pub(super) async fn request_things(tx: &mut Tx, new: NewBooking, when: When) -> Result<Booking> {
    let wanted = wishes::known(tx, &new.wishes).await?;
    let wished = wishes::resources(&wanted);
    things::lock(tx, &wished).await?; // first: a rival waits here
    let things = things::bookable(tx, &wished).await?;
    let rules = plan::rules_of(tx, &things).await?;
    let organization = organizations::load(tx).await?;
    let plan = plan::plan(tx.now(), &rules, &things, &wanted, when, None, organization.currency)?;
    plan::must_hold(&things, new.participants.unwrap_or(1))?;
    let (draft, lines) = (new.draft, plan.lines.clone());
    let booking = drafted(tx, new, &things, rules, &plan)?;
    if draft {
        person::lock(tx, booking.beneficiary).await?;
        insert(tx, &booking, lines).await?;
        let wishes = items::written_down(tx, &wanted).await?;
        items::write(tx, booking.id, &wishes).await?;
        tx.record(Change::created("booking", booking.id, &booking));
        return Ok(booking);
    }
    let given = take(tx, &booking, &wanted).await?;
    let booking = placed(tx.now(), booking);
    insert(tx, &booking, lines).await?;
    items::write(tx, booking.id, &given).await?;
    items::claim(tx, &booking, &given).await?;
    tx.record(Change::created("booking", booking.id, &booking));
    announce(tx, &booking).await?;
    Ok(booking)
}

/// Picks the units of a booking whose person may have them, once what is overdue has made room.
pub(super) async fn take(tx: &mut Tx, booking: &Booking, wanted: &[Wanted]) -> Result<Vec<Given>> {
    person::may_book(tx, booking).await?;
    if booking.price.amount > 0 {
        let limit = organizations::load(tx).await?.settings.unpaid_bookings_per_day;
        must_pay_what_was_booked(tx, booking.creator, limit).await?;
    }
    expire_hold::end_overdue_of(tx, &wishes::resources(wanted)).await?;
    items::pick(tx, wanted, items::claimed(booking), &[]).await
}

/// Plans what time will do to a booking that was just placed, and tells its people.
pub(super) async fn announce(tx: &mut Tx, booking: &Booking) -> Result<()> {
    plan_timers(tx, booking);
    let subject = subject_of(tx, booking).await?;
    let news = match booking.status {
        Status::Confirmed => NoticeKind::BookingConfirmed,
        Status::Approved => NoticeKind::BookingApproved,
        _ => NoticeKind::BookingRequested,
    };
    tell(tx, booking, &subject, news).await
}

fn drafted(tx: &Tx, new: NewBooking, things: &[Thing], rules: Rules, plan: &Plan) -> Result<Booking> {
    let first = things.first().ok_or(Refusal::NotFound)?;
    let times = plan.times;
    Ok(Booking {
        id: BookingId::new(),
        code: code(),
        kind: first.kind,
        resource: first.id,
        creator: new.creator,
        beneficiary: new.beneficiary,
        status: Status::Draft,
        payment_status: if plan.price.amount == 0 { "none" } else { "due" }.into(),
        start_at: times.span.start,
        end_at: times.span.end,
        timezone: first.zone,
        local: times.local,
        period: times.period,
        quantity: plan.quantity,
        participants: new.participants.unwrap_or(1),
        purpose: new.purpose,
        price: plan.price,
        commission: plan.price.with(0),
        due_at: rules.hand_over.then_some(times.span.end),
        policy: rules,
        note: new.note,
        hold_expires_at: None,
        reason_code: None,
        cancelled_at: None,
        checked_in_at: None,
        started_at: None,
        ended_at: None,
        overdue_at: None,
        release_at: None,
        version: 1,
        created_at: tx.now(),
    })
}
