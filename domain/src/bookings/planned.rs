//! A request judged by the rules in force, whether it will be booked, written down or waited for (G10, H2): one shape,
//! so that nobody gets by waiting what a booking would be refused. Nothing is taken here.

use super::{
    Booking, NewBooking, Status, hours, items, person,
    plan::{self, Plan},
    queries,
    request::{check_text, insert},
    request_ride::{code, must_pay_what_was_booked},
    things::{self, Thing},
    when::{Moment, When},
    wishes::{self, Wanted},
};
use crate::{
    audit::Change, db::Tx, error::Result, ids::*, inventory::units::Span, organizations, policies::Rules,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// A booking to be, as no rule about times, prices and sizes forbids it.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    /// As it would be: still a draft.
    pub booking: Booking,
    pub(super) things: Vec<Thing>,
    pub(super) wanted: Vec<Wanted>,
    pub(super) lines: Value,
}

/// Locks the things and judges a request for them.
///
/// # Errors
/// [`Refusal::Policy`] and its relatives naming the rule, [`Refusal::NotFound`], [`Refusal::StateConflict`] for what is
/// out of service, [`Refusal::Invalid`].
pub(crate) async fn planned(tx: &mut Tx, new: NewBooking, when: When) -> Result<Planned> {
    check_text("note", new.note.as_deref())?;
    check_text("purpose", new.purpose.as_deref())?;
    if new.participants.is_some_and(|people| !(1..=100_000).contains(&people)) {
        return Err(Refusal::invalid("participants", "must be between 1 and 100000").into());
    }
    let wanted = wishes::known(tx, &new.wishes).await?;
    things::lock(tx, &wishes::resources(&wanted)).await?; // first: a rival waits here
    judged(tx, new, when, wanted).await
}

/// The same judgement without a lock: what a request would hear at this moment (★9).
pub(crate) async fn looked_at(tx: &mut Tx, new: NewBooking, when: When) -> Result<Planned> {
    let wanted = wishes::known(tx, &new.wishes).await?;
    judged(tx, new, when, wanted).await
}

async fn judged(tx: &mut Tx, new: NewBooking, when: When, wanted: Vec<Wanted>) -> Result<Planned> {
    let things = things::bookable(tx, &wishes::resources(&wanted)).await?;
    let rules = plan::rules_of(&things)?;
    let plan = plan::plan(tx.now(), &rules, &things, &wanted, when, None)?;
    plan::must_hold(&things, new.participants.unwrap_or(1))?;
    hours::must_be_open(tx, &things, &rules, plan.times.span).await?;
    let lines = plan.lines.clone();
    Ok(Planned { booking: drafted(tx, new, &things, rules, &plan)?, things, wanted, lines })
}

/// A booking as it would be about so many units of another thing, at another time, under that thing's rules. A start that
/// is `kept` was judged when it was proposed.
///
/// # Errors
/// The same.
pub(crate) async fn moved_to(
    tx: &mut Tx,
    before: &Booking,
    resource: ResourceId,
    span: Span,
    kept: Option<DateTime<Utc>>,
) -> Result<Planned> {
    let wanted = vec![Wanted { resource, quantity: before.quantity, unit: None }];
    let things = things::bookable(tx, &[resource]).await?;
    let thing = things.first().ok_or(Refusal::NotFound)?.clone();
    let rules = plan::rules_of(&things)?;
    let when = When::Range { start: Moment::Instant(span.start), end: Moment::Instant(span.end) };
    let plan = plan::plan(tx.now(), &rules, &things, &wanted, when, kept)?;
    plan::must_hold(&things, before.participants)?;
    hours::must_be_open(tx, &things, &rules, plan.times.span).await?;
    let booking = Booking {
        kind: thing.kind,
        resource,
        start_at: plan.times.span.start,
        end_at: plan.times.span.end,
        timezone: thing.zone,
        local: None,
        period: None,
        price: plan.price,
        payment_status: due_or_none(&plan).into(),
        due_at: rules.hand_over.then_some(plan.times.span.end),
        policy: rules,
        ..before.clone()
    };
    Ok(Planned { booking, things, wanted, lines: plan.lines })
}

/// Its person may have it, as far as what they hold and owe already goes (SN28, SN31, L21). The things are locked.
///
/// # Errors
/// [`Refusal::Policy`] or [`Refusal::Quota`] naming the rule, [`Refusal::NotFound`] for somebody who is no member.
pub(crate) async fn may_have(tx: &mut Tx, booking: &Booking) -> Result<()> {
    person::may_book(tx, booking).await?;
    must_owe_little(tx, booking).await
}

/// The same without a lock (★9).
pub(crate) async fn could_have(tx: &mut Tx, booking: &Booking) -> Result<()> {
    person::could_book(tx, booking).await?;
    must_owe_little(tx, booking).await
}

async fn must_owe_little(tx: &mut Tx, booking: &Booking) -> Result<()> {
    if booking.price.amount > 0 {
        let limit = organizations::load(tx).await?.settings.unpaid_bookings_per_day;
        must_pay_what_was_booked(tx, booking.creator, limit).await?;
    }
    Ok(())
}

impl Planned {
    /// Writes it down without taking anything: as a draft, or because it waits.
    pub(crate) async fn write_down(self, tx: &mut Tx, status: Status) -> Result<Booking> {
        let booking = Booking { status, ..self.booking };
        insert(tx, &booking, self.lines).await?;
        let wishes = items::written_down(tx, &self.wanted).await?;
        items::write_first(tx, booking.id, &wishes).await?;
        tx.record(Change::created("booking", booking.id, &booking));
        Ok(booking)
    }

    /// Lets the stored booking be about this thing on these terms; its caller stores the rest.
    pub(crate) async fn adopt(self, tx: &mut Tx) -> Result<Booking> {
        let org = tx.org()?;
        sqlx::query!(
            "update bookings set resource_id = $3, kind = $4, timezone = $5 where org_id = $1 and id = $2",
            org.0,
            self.booking.id.0,
            self.booking.resource.0,
            self.booking.kind.code(),
            self.booking.timezone.name()
        )
        .execute(tx.conn())
        .await?;
        queries::store_terms(tx, &self.booking, self.lines).await?;
        Ok(self.booking)
    }
}

fn due_or_none(plan: &Plan) -> &'static str {
    if plan.price.amount == 0 { "none" } else { "due" }
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
        payment_status: due_or_none(plan).into(),
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
