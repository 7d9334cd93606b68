//! `GET, POST /me/calendar-feeds`, `DELETE /me/calendar-feeds/{id}` (Z7).

use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::Paging,
    routes::shared::page_of,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    calendars,
    ids::{FeedId, ResourceId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A secret address that shows a calendar.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarFeed {
    /// Its id.
    id: Uuid,
    /// When somebody has this; without it, what I have.
    resource_id: Option<Uuid>,
    /// Where to subscribe. Told once, when it is made.
    #[schema(example = "https://api.example.org/api/v1/calendars/….ics")]
    url: Option<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// Of what.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFeed {
    /// A resource; my own bookings when left out.
    resource_id: Option<Uuid>,
}

/// My calendar addresses
#[utoipa::path(get, path = "/me/calendar-feeds", tag = "calendars", params(Paging),
    responses((status = 200, body = List<CalendarFeed>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin(&app).await?;
    let feeds = calendars::list(&mut tx, caller.user()).await?;
    Ok(Reply::list(page, page_of(feeds, page).map(|feed| CalendarFeed::of(&feed, None))))
}

/// Make a calendar address
///
/// Programs subscribe to it without signing in: whoever knows it sees the calendar, until it is taken back.
#[utoipa::path(post, path = "/me/calendar-feeds", tag = "calendars", request_body = Option<NewFeed>,
    responses((status = 201, body = Data<CalendarFeed>)))]
pub async fn create(State(app): State<App>, caller: Caller, ask: Option<Json<NewFeed>>) -> ApiResult<Reply> {
    let resource = ask.and_then(|Json(ask)| ask.resource_id).map(ResourceId);
    let mut tx = caller.begin(&app).await?;
    let (feed, token) = calendars::create(&mut tx, caller.user(), resource).await?;
    tx.commit().await?;
    let url = format!("{}/api/v1/calendars/{token}.ics", app.config.public_url.trim_end_matches('/'));
    let location = format!("/api/v1/me/calendar-feeds/{}", feed.id);
    Ok(Reply::created(location, CalendarFeed::of(&feed, Some(url))))
}

/// Take a calendar address back
#[utoipa::path(delete, path = "/me/calendar-feeds/{id}", tag = "calendars",
    params(("id" = Uuid, Path, description = "The address")), responses((status = 200, body = Data<CalendarFeed>)))]
pub async fn revoke(State(app): State<App>, caller: Caller, Path(id): Path<FeedId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let feed = calendars::revoke(&mut tx, caller.user(), id).await?;
    tx.commit().await?;
    Ok(Reply::ok(CalendarFeed::of(&feed, None)))
}

impl CalendarFeed {
    fn of(feed: &calendars::Feed, url: Option<String>) -> Self {
        Self { id: feed.id.into(), resource_id: feed.resource.map(Uuid::from), url, created_at: feed.created_at }
    }
}
