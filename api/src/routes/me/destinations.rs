//! `GET, POST /me/payout-destinations`, `POST /me/payout-destinations/verify` (SN30).

use crate::{
    App,
    caller::Caller,
    conditions::IdempotencyKey,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::MaybeKey,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::identity::{self, confirm_destination, current_destination, set_destination};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A wallet number that receives payouts.
#[derive(Debug, Serialize, ToSchema)]
pub struct Destination {
    /// Its id.
    id: Uuid,
    /// `wave`, `mtn` or `sonatel`.
    #[schema(example = "wave")]
    method: String,
    /// E.164.
    #[schema(example = "+2250700000001")]
    number: String,
    /// The name the provider should know the holder by.
    holder_name: String,
    /// When it was proved to be theirs; nothing is paid before.
    verified_at: Option<DateTime<Utc>>,
}

/// Where earnings go from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetDestination {
    /// E.164. A number already proved is verified at once; any other gets a code.
    #[schema(example = "+2250700000001")]
    number: String,
    /// The name the provider should know the holder by.
    #[serde(default)]
    #[schema(example = "Awa Koné")]
    holder_name: String,
    /// `wave`, which is also the default, `mtn` or `sonatel`.
    method: Option<String>,
}

/// The code sent to the number.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Six digits.
    #[schema(example = "123456")]
    code: String,
}

/// Where do my earnings go?
#[utoipa::path(get, path = "/me/payout-destinations", tag = "me", responses((status = 200, body = List<Destination>)))]
pub async fn list(State(app): State<App>, caller: Caller) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let current = current_destination(&mut tx, caller.user()).await?;
    Ok(Reply::ok(current.into_iter().map(Destination::from).collect::<Vec<_>>()))
}

/// Set where my earnings go
#[utoipa::path(post, path = "/me/payout-destinations", tag = "me", params(MaybeKey), request_body = SetDestination,
    responses((status = 201, body = Data<Destination>)))]
pub async fn set(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(ask): Json<SetDestination>,
) -> ApiResult<Reply> {
    let method = ask.method.as_deref().unwrap_or("wave");
    let mut tx = caller.begin(&app).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let destination = set_destination(&mut tx, caller.user(), method, &ask.number, &ask.holder_name).await?;
    let reply = Reply::created("/api/v1/me/payout-destinations", Destination::from(destination));
    Ok(reply.commit(tx, key.as_ref()).await?)
}

/// Prove that the number is mine
#[utoipa::path(post, path = "/me/payout-destinations/verify", tag = "me", request_body = Code,
    responses((status = 200, body = Data<Destination>)))]
pub async fn verify(State(app): State<App>, caller: Caller, Json(ask): Json<Code>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let verified = confirm_destination(&mut tx, caller.user(), &ask.code).await?;
    let current = current_destination(&mut tx, caller.user()).await?;
    // a wrong try counts only once it is committed
    tx.commit().await?;
    verified.accepted()?;
    Ok(Reply::ok(current.map(Destination::from)))
}

impl From<identity::Destination> for Destination {
    fn from(destination: identity::Destination) -> Self {
        let identity::Destination { id, method, number, holder_name, verified_at } = destination;
        Self { id: id.into(), method, number, holder_name, verified_at }
    }
}
