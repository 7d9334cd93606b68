//! What clients say of a series, and how it is shown.

use crate::envelope::Reply;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use domain::{
    bookings::Status,
    db::Tx,
    error::Result,
    refusals::Refusal,
    series::{self, occurrences},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Bookings that come again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BookingSeries)]
pub struct SeriesView {
    /// Its id.
    id: Uuid,
    /// What is booked.
    resource_id: Uuid,
    /// Who booked.
    creator_id: Uuid,
    /// For whom.
    beneficiary_id: Uuid,
    /// `monday` to `sunday`.
    #[schema(example = json!(["monday"]))]
    weekdays: Vec<&'static str>,
    /// 1 for every week, 2 for every other.
    #[schema(example = 1)]
    every_weeks: u32,
    /// No date is before it.
    first_date: NaiveDate,
    /// The last date that may be one.
    until: NaiveDate,
    /// On the clocks of the place, also when they are put forward or back.
    #[schema(value_type = String, example = "09:00:00")]
    start_time: NaiveTime,
    /// On the next day when it is not later than `start_time`.
    #[schema(value_type = String, example = "10:30:00")]
    end_time: NaiveTime,
    /// `fail`, `skip` or `queue`.
    #[schema(example = "queue")]
    on_conflict: &'static str,
    /// How many units.
    quantity: i32,
    /// How many people come.
    participants: i32,
    /// What it is for.
    purpose: Option<String>,
    /// A word to whoever decides.
    note: Option<String>,
    /// When what was to come was given up.
    cancelled_at: Option<DateTime<Utc>>,
    /// Every date with what became of it; of one series only.
    occurrences: Option<Vec<OccurrenceView>>,
    /// The number in its `ETag`.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// One date of a series.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Occurrence)]
pub struct OccurrenceView {
    /// Which.
    date: NaiveDate,
    /// `booked`, `waiting`, `ended` or `refused`.
    #[schema(example = "booked")]
    state: &'static str,
    /// Its booking.
    booking_id: Option<Uuid>,
    /// Where the booking stands.
    #[schema(example = "confirmed")]
    status: Option<&'static str>,
    /// When the booking is, wherever it was moved.
    start_at: Option<DateTime<Utc>>,
    /// First instant after.
    end_at: Option<DateTime<Utc>>,
    /// Why it was refused, or could not be changed.
    #[schema(example = "booking_conflict")]
    refusal: Option<String>,
}

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Days of the week by their numbers.
pub(super) fn weekdays(names: &[String]) -> Result<Vec<u32>, Refusal> {
    let number = |name: &String| DAYS.iter().zip(1..).find(|(day, _)| *day == name).map(|(_, number)| number);
    let known: Option<Vec<u32>> = names.iter().map(number).collect();
    known.ok_or_else(|| Refusal::invalid("weekdays", format!("allowed: {}", DAYS.join(", "))))
}

/// A time of the day, with or without seconds.
pub(super) fn time(field: &'static str, text: &str) -> Result<NaiveTime, Refusal> {
    let read = ["%H:%M", "%H:%M:%S"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok());
    read.ok_or_else(|| Refusal::invalid(field, "must be a time of the day such as 09:00"))
}

impl From<series::Series> for SeriesView {
    fn from(series: series::Series) -> Self {
        let pattern = series.pattern;
        let day = |number: &u32| DAYS.get((*number as usize).saturating_sub(1)).copied().unwrap_or_default();
        Self {
            id: series.id.into(),
            resource_id: series.resource.into(),
            creator_id: series.creator.into(),
            beneficiary_id: series.beneficiary.into(),
            weekdays: pattern.weekdays.iter().map(day).collect(),
            every_weeks: pattern.every_weeks,
            first_date: pattern.first,
            until: pattern.until,
            start_time: pattern.start,
            end_time: pattern.end,
            on_conflict: series.on_conflict.code(),
            quantity: series.quantity,
            participants: series.participants,
            purpose: series.purpose,
            note: series.note,
            cancelled_at: series.cancelled_at,
            occurrences: None,
            version: series.version,
            created_at: series.created_at,
        }
    }
}

impl SeriesView {
    /// The series with its dates.
    pub(super) async fn whole(tx: &mut Tx, series: series::Series) -> Result<Self> {
        let dates = occurrences(tx, &series).await?;
        Ok(Self { occurrences: Some(dates.into_iter().map(OccurrenceView::from).collect()), ..series.into() })
    }
}

impl From<series::Occurrence> for OccurrenceView {
    fn from(one: series::Occurrence) -> Self {
        Self {
            date: one.date,
            state: one.state.code(),
            booking_id: one.booking.map(Uuid::from),
            status: one.status.map(Status::code),
            start_at: one.start_at,
            end_at: one.end_at,
            refusal: one.refusal,
        }
    }
}

/// 200 with a series and its dates.
pub(super) async fn shown(tx: &mut Tx, series: series::Series) -> Result<Reply> {
    let version = series.version;
    Ok(Reply::ok(SeriesView::whole(tx, series).await?).version(version))
}
