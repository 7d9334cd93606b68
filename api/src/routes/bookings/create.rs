//! `POST /bookings` (G12, G26–G28, CX15, CX18, SN47).

use super::{ask::AskBooking, view::Booking};
use crate::{
    App,
    caller::Caller,
    conditions::IdempotencyKey,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::Key,
};
use axum::extract::State;
use domain::{
    bookings::{self, NewBooking},
    ids::UserId,
    permissions::Permission,
};

/// Book
///
/// Seats on a trip, or units of resources: named ones, so many of each, several at once, all or nothing. They are yours
/// in the same instant, or the answer tells how many are free and whether one can wait. They are held until somebody
/// agreed, where that is needed, and then until the payment is due: see `hold_expires_at`.
#[utoipa::path(post, path = "/bookings", tag = "bookings", params(Key), request_body = AskBooking,
    responses((status = 201, body = Data<Booking>)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    Json(ask): Json<AskBooking>,
) -> ApiResult<Reply> {
    caller.require(Permission::Book)?;
    let asked = ask.read()?;
    let beneficiary = asked.beneficiary.map_or(caller.user(), UserId);
    let mut tx = if beneficiary == caller.user() {
        caller.begin_by_key(&app).await?
    } else {
        caller.begin_as(&app, Permission::BookForOthers).await?
    };
    if let Some(earlier) = Reply::earlier(&mut tx, Some(&key)).await? {
        return Ok(earlier);
    }
    let new = NewBooking {
        creator: caller.user(),
        beneficiary,
        wishes: asked.wishes,
        when: asked.when,
        participants: asked.participants,
        purpose: asked.purpose,
        note: asked.note,
        draft: asked.draft,
    };
    let booking = bookings::request(&mut tx, new).await?;
    let (id, version) = (booking.id, booking.version);
    let view = Booking::whole(&mut tx, booking).await?;
    let reply = Reply::created(format!("/api/v1/bookings/{id}"), view).version(version);
    Ok(reply.commit(tx, Some(&key)).await?)
}
