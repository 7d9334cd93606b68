//! `GET /me/activity` (C35).

use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
    routes::audit::{Cursor, Place, answer, span},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::audit::{self, Filter};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something I did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Activity {
    /// The event that tells it.
    id: Uuid,
    /// What kind of thing it was done to.
    #[schema(example = "booking")]
    entity_type: String,
    /// Which.
    entity_id: Uuid,
    /// `CREATE`, `UPDATE`, `SOFT_DELETE`, `RESTORE` or `STATUS_CHANGE`.
    #[schema(example = "CREATE")]
    action: String,
    /// When.
    created_at: DateTime<Utc>,
}

/// What did I do here?
///
/// Newest first.
#[utoipa::path(get, path = "/me/activity", tag = "me", params(Cursor, Paging),
    responses((status = 200, body = List<Activity>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let span = span(&mut asked)?;
    let place = Place::read(&mut asked)?;
    asked.end()?;
    let filter = Filter { actor: Some(caller.user()), from: span.from, before: span.before, ..Filter::default() };
    let mut tx = caller.begin(&app).await?;
    Ok(answer(&mut tx, &filter, place, Activity::from).await?)
}

impl From<audit::Event> for Activity {
    fn from(event: audit::Event) -> Self {
        Self {
            id: event.id.into(),
            entity_type: event.entity_type,
            entity_id: event.entity_id,
            action: event.action,
            created_at: event.created_at,
        }
    }
}
