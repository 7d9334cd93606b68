//! `POST /waitlist` (H2, H3, CX15, CX50).

use super::view::WaitlistStanding;
use crate::{
    App,
    caller::Caller,
    conditions::IdempotencyKey,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::Key,
    routes::bookings::when,
};
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    bookings::{self, Authority, NewBooking},
    permissions::Permission,
    policies::Period,
    waitlist::{self, Wish},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What somebody would book if it were free.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "date": "2026-11-30", "period": "morning", "quantity": 1 }))]
pub struct AskToWait {
    /// What is waited for.
    resource_id: Uuid,
    /// RFC 3339, in UTC or with an offset; without one it is meant on the clocks of the place.
    #[schema(example = "2026-11-30T09:00:00Z")]
    start_at: Option<String>,
    /// The first instant after.
    #[schema(example = "2026-11-30T11:00:00Z")]
    end_at: Option<String>,
    /// With `period`, instead of `start_at` and `end_at`.
    #[schema(example = "2026-11-30")]
    date: Option<NaiveDate>,
    /// `morning`, `afternoon` or `day`, on the clocks of the place.
    #[schema(value_type = Option<String>, example = "morning")]
    period: Option<Period>,
    /// Units, all or nothing; 1 unless told.
    #[schema(example = 1, minimum = 1, maximum = 60)]
    quantity: Option<i32>,
    /// What every unit must have; at most 40, each at most 60 characters.
    #[serde(default)]
    #[schema(example = json!(["charging"]))]
    features: Vec<String>,
    /// How many people come; 1 unless told.
    #[schema(example = 1, minimum = 1, maximum = 100_000)]
    participants: Option<i32>,
    /// What it is for, at most 1000 characters.
    purpose: Option<String>,
    /// What else to say, at most 1000 characters.
    note: Option<String>,
    /// For whom, by those who may book for others; for oneself unless told. `beneficiary_user_id` means the same.
    #[serde(alias = "beneficiary_user_id")]
    beneficiary_id: Option<Uuid>,
    /// After it the wish is pointless: the start unless told, at most the end.
    useful_until: Option<DateTime<Utc>>,
}

/// Wait for what is not free
///
/// What a booking that was answered `booking_conflict` said may be said here again. The wish is a booking in status
/// `waitlisted`, judged like any other, when it is made and again when the offer is accepted. What is free is booked
/// instead: 409 `units_free`. A freed unit is offered to the best entry it fits, which has some minutes to accept.
#[utoipa::path(post, path = "/waitlist", tag = "waitlist", params(Key), request_body = AskToWait,
    responses((status = 201, body = Data<WaitlistStanding>)))]
pub async fn join(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    Json(ask): Json<AskToWait>,
) -> ApiResult<Reply> {
    caller.require(Permission::Book)?;
    let when = when(ask.start_at.as_deref(), ask.end_at.as_deref(), ask.date, ask.period)?;
    let beneficiary = ask.beneficiary_id.map_or(caller.user(), Into::into);
    let mut tx = if beneficiary == caller.user() {
        caller.begin(&app).await?
    } else {
        caller.begin_as(&app, Permission::BookForOthers).await?
    };
    if let Some(earlier) = Reply::earlier(&mut tx, Some(&key)).await? {
        return Ok(earlier);
    }
    let booking = NewBooking {
        creator: caller.user(),
        beneficiary,
        wishes: vec![bookings::Wish::Some(ask.resource_id.into(), ask.quantity.unwrap_or(1))],
        when,
        participants: ask.participants,
        purpose: ask.purpose,
        note: ask.note,
        draft: false,
    };
    let wish = Wish { booking, features: ask.features, useful_until: ask.useful_until };
    let entry = waitlist::join(&mut tx, wish).await?;
    let standing = waitlist::show(&mut tx, Authority::Own(caller.user()), entry.id).await?;
    let view = WaitlistStanding::from(standing);
    let reply = Reply::created(format!("/api/v1/waitlist/{}", entry.id), view).version(entry.version);
    Ok(reply.commit(tx, Some(&key)).await?)
}
