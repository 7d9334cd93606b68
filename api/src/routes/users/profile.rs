//! `GET /users/{id}/profile` (C33).

use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    db::Tx,
    error::Result,
    ids::UserId,
    organizations::{self, members},
    permissions::Permission,
    refusals::Refusal,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A person as other members see them.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicProfile {
    /// Who.
    user_id: Uuid,
    /// How they are called.
    #[schema(example = "Awa Koné")]
    full_name: String,
    /// The name they chose.
    username: Option<String>,
    /// Mean of the stars they got; none before the first.
    rating_avg: Option<f64>,
    /// How often they were rated.
    rating_count: i32,
    /// Bookings made for them that came to their end.
    bookings_completed: i64,
    /// When they joined.
    joined_at: DateTime<Utc>,
}

/// A person as others see them
///
/// Where the organization's setting `people_search` lets members look one another up; everybody sees themselves.
#[utoipa::path(get, path = "/users/{id}/profile", tag = "people",
    params(("id" = Uuid, Path, description = "The person")), responses((status = 200, body = Data<PublicProfile>)))]
pub async fn profile(State(app): State<App>, caller: Caller, Path(id): Path<UserId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    if id != caller.user() && !may_look(&mut tx, &caller).await? {
        return Err(Refusal::NotFound.into());
    }
    Ok(Reply::ok(PublicProfile::from(members::profile_of(&mut tx, id).await?)))
}

/// Whether the caller may look others up.
pub(super) async fn may_look(tx: &mut Tx, caller: &Caller) -> Result<bool> {
    Ok(caller.may(Permission::UserRead) || organizations::load(tx).await?.settings.people_search)
}

impl From<members::PublicProfile> for PublicProfile {
    fn from(person: members::PublicProfile) -> Self {
        let rating_avg =
            (person.rating_count > 0).then(|| f64::from(person.rating_sum) / f64::from(person.rating_count));
        Self {
            user_id: person.user_id.into(),
            full_name: person.full_name,
            username: person.username,
            rating_avg,
            rating_count: person.rating_count,
            bookings_completed: person.bookings_completed,
            joined_at: person.joined_at,
        }
    }
}
