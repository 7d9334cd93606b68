//! `POST /booking-series` (SN10, ★10, CX15).

use super::view::{SeriesView, time, weekdays};
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
use chrono::NaiveDate;
use domain::{
    error::Result,
    ids::{ResourceId, UserId},
    permissions::Permission,
    series::{self, NewSeries, OnConflict, Pattern},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something to book every week.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "weekdays": ["monday", "wednesday"], "every_weeks": 1, "first_date": "2026-12-07", "until": "2026-12-18",
    "start_time": "09:00", "end_time": "10:30", "on_conflict": "skip", "purpose": "Film club"
}))]
pub struct AskSeries {
    /// Any units of this resource.
    resource_id: Uuid,
    /// How many units; 1 when left out.
    #[schema(minimum = 1, maximum = 60)]
    quantity: Option<i32>,
    /// `monday` to `sunday`.
    weekdays: Vec<String>,
    /// 1, which is the default, for every week, 2 for every other.
    #[schema(minimum = 1, maximum = 52)]
    every_weeks: Option<u32>,
    /// No date is before it.
    first_date: NaiveDate,
    /// The last date that may be one; at most 120 dates.
    until: NaiveDate,
    /// On the clocks of the place.
    start_time: String,
    /// On the next day when it is not later than `start_time`.
    end_time: String,
    /// A date that cannot be had: `fail`, which is the default, books none, `skip` books the others, `queue` lets it wait
    /// in line and join the series when it frees up.
    on_conflict: Option<String>,
    /// How many people come; 1 when left out.
    #[schema(minimum = 1, maximum = 100_000)]
    participants: Option<i32>,
    /// What it is for, at most 1000 characters.
    purpose: Option<String>,
    /// A word to whoever decides, at most 1000 characters.
    note: Option<String>,
    /// For whom, if not for me; needs `book:for_others`.
    beneficiary_user_id: Option<Uuid>,
}

/// Book every week
///
/// Each date is judged like any booking and has its own. `occurrences` tells which were booked, which wait and which were
/// refused, and why.
#[utoipa::path(post, path = "/booking-series", tag = "bookings", params(Key), request_body = AskSeries,
    responses((status = 201, body = Data<SeriesView>)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    Json(ask): Json<AskSeries>,
) -> ApiResult<Reply> {
    caller.require(Permission::Book)?;
    let new = ask.read(caller.user())?;
    let mut tx = if new.beneficiary == caller.user() {
        caller.begin(&app).await?
    } else {
        caller.begin_as(&app, Permission::BookForOthers).await?
    };
    if let Some(earlier) = Reply::earlier(&mut tx, Some(&key)).await? {
        return Ok(earlier);
    }
    let made = series::create(&mut tx, new).await?;
    let (id, version) = (made.id, made.version);
    let view = SeriesView::whole(&mut tx, made).await?;
    let reply = Reply::created(format!("/api/v1/booking-series/{id}"), view).version(version);
    Ok(reply.commit(tx, Some(&key)).await?)
}

impl AskSeries {
    fn read(self, by: UserId) -> Result<NewSeries> {
        let pattern = Pattern {
            weekdays: weekdays(&self.weekdays)?,
            every_weeks: self.every_weeks.unwrap_or(1),
            first: self.first_date,
            until: self.until,
            start: time("start_time", &self.start_time)?,
            end: time("end_time", &self.end_time)?,
        };
        Ok(NewSeries {
            creator: by,
            beneficiary: self.beneficiary_user_id.map_or(by, UserId),
            resource: ResourceId(self.resource_id),
            quantity: self.quantity.unwrap_or(1),
            pattern,
            on_conflict: self.on_conflict.as_deref().map(str::parse).transpose()?.unwrap_or(OnConflict::Fail),
            participants: self.participants.unwrap_or(1),
            purpose: self.purpose,
            note: self.note,
        })
    }
}
