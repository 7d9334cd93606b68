//! Somebody asks for bays, copies, rooms (G10, G11, G26, G27). Order of locks: the things by id, the person, other
//! bookings; so no two requests wait for one another in a ring.

use super::{
    Booking, NewBooking, Status,
    ask_approvers::ask_approvers,
    items::{self, Given},
    make_room::make_room,
    person,
    place::{placed, plan_timers},
    planned::{may_have, planned},
    request::insert,
    subject::Subject,
    tell,
    when::When,
    wishes::{self, Wanted},
};
use crate::{audit::Change, db::Tx, error::Result, notifications::NoticeKind};

/// Books things of the organization, or writes the wish down as a draft.
pub(super) async fn request_things(tx: &mut Tx, new: NewBooking, when: When) -> Result<Booking> {
    let draft = new.draft;
    let planned = planned(tx, new, when).await?;
    if draft {
        person::lock(tx, planned.booking.beneficiary).await?;
        return planned.write_down(tx, Status::Draft).await;
    }
    let given = take(tx, &planned.booking, &planned.wanted).await?;
    let booking = placed(tx.now(), planned.booking);
    insert(tx, &booking, planned.lines).await?;
    items::write_first(tx, booking.id, &given).await?;
    items::claim(tx, &booking, &given).await?;
    tx.record(Change::created("booking", booking.id, &booking));
    announce(tx, &booking, &Subject::of_things(&planned.things, &given)).await?;
    Ok(booking)
}

/// Picks the units of a booking whose person may have them, once there is room.
pub(super) async fn take(tx: &mut Tx, booking: &Booking, wanted: &[Wanted]) -> Result<Vec<Given>> {
    may_have(tx, booking).await?;
    make_room(tx, &wishes::resources(wanted)).await?;
    items::pick(tx, booking, wanted, &[]).await
}

/// Plans what time will do to a booking that was just placed, and tells its people.
pub(super) async fn announce(tx: &mut Tx, booking: &Booking, subject: &Subject) -> Result<()> {
    plan_timers(tx, booking);
    let news = match booking.status {
        Status::Confirmed => NoticeKind::BookingConfirmed,
        Status::Approved => NoticeKind::BookingApproved,
        _ => NoticeKind::BookingRequested,
    };
    tell(tx, booking, subject, news).await?;
    ask_approvers(tx, booking).await
}
