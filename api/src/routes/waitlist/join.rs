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
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    bookings::Authority,
    permissions::Permission,
    waitlist::{self, Wish},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What somebody would book if it were free.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskToWait {
    /// What is waited for.
    resource_id: Uuid,
    /// First instant.
    start_at: DateTime<Utc>,
    /// First instant after.
    end_at: DateTime<Utc>,
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
    /// For whom, by those who may book for others; for oneself unless told.
    beneficiary_id: Option<Uuid>,
    /// After it the wish is pointless: the start unless told, at most the end.
    useful_until: Option<DateTime<Utc>>,
}

/// Wait for what is not free
///
/// The wish is a booking in status `waitlisted`. What is free is booked instead: 409 `units_free`. A freed unit is
/// offered to the best entry it fits, which has some minutes to accept.
#[utoipa::path(post, path = "/waitlist", tag = "waitlist", params(Key), request_body = AskToWait,
    responses((status = 201, body = Data<WaitlistStanding>)))]
pub async fn join(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    Json(ask): Json<AskToWait>,
) -> ApiResult<Reply> {
    caller.require(Permission::Book)?;
    let beneficiary = ask.beneficiary_id.map_or(caller.user(), Into::into);
    let mut tx = if beneficiary == caller.user() {
        caller.begin(&app).await?
    } else {
        caller.begin_as(&app, Permission::BookForOthers).await?
    };
    if let Some(earlier) = Reply::earlier(&mut tx, Some(&key)).await? {
        return Ok(earlier);
    }
    let wish = Wish {
        creator: caller.user(),
        beneficiary,
        resource: ask.resource_id.into(),
        start_at: ask.start_at,
        end_at: ask.end_at,
        quantity: ask.quantity.unwrap_or(1),
        features: ask.features,
        participants: ask.participants.unwrap_or(1),
        purpose: ask.purpose,
        note: ask.note,
        useful_until: ask.useful_until,
    };
    let entry = waitlist::join(&mut tx, wish).await?;
    let standing = waitlist::show(&mut tx, Authority::Own(caller.user()), entry.id).await?;
    let view = WaitlistStanding::from(standing);
    let reply = Reply::created(format!("/api/v1/waitlist/{}", entry.id), view).version(entry.version);
    Ok(reply.commit(tx, Some(&key)).await?)
}
