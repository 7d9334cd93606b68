//! A series as stored, and the one way to change it.

use super::Pattern;
use crate::{
    bookings::Authority,
    db::Tx,
    error::{Fault, Result},
    ids::*,
    inventory::words,
    refusals::Refusal,
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

words! {
    /// What happens to a date that cannot be had.
    OnConflict, "on_conflict" {
        /// Then none is booked.
        Fail = "fail";
        /// The others are booked.
        Skip = "skip";
        /// It waits in line, and joins the series when it frees up.
        Queue = "queue";
    }
}

/// A date that could not be had, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Which.
    pub date: NaiveDate,
    /// The code of the refusal.
    pub code: String,
    /// Its details.
    pub details: Value,
}

impl Refused {
    pub(super) fn by(date: NaiveDate, refusal: &Refusal) -> Self {
        Self { date, code: refusal.code().to_owned(), details: refusal.details() }
    }
}

/// A series of bookings.
#[derive(Debug, Clone, Serialize)]
pub struct Series {
    /// Its id.
    pub id: SeriesId,
    /// Any units of this.
    pub resource: ResourceId,
    /// Who booked.
    pub creator: UserId,
    /// For whom.
    pub beneficiary: UserId,
    /// When.
    pub pattern: Pattern,
    /// What happens to a date that cannot be had.
    pub on_conflict: OnConflict,
    /// How many units.
    pub quantity: i32,
    /// How many people come.
    pub participants: i32,
    /// What it is for.
    pub purpose: Option<String>,
    /// A word to whoever decides.
    pub note: Option<String>,
    /// Dates that could not be had.
    pub refused: Vec<Refused>,
    /// When what was to come was given up.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// For `ETag` and `If-Match`.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Series {
    /// Only who booked or for whom, or staff.
    pub(super) fn must_be_theirs(&self, by: Authority) -> Result<()> {
        match by {
            Authority::Own(user) if user != self.beneficiary && user != self.creator => Err(Refusal::NotFound.into()),
            _ => Ok(()),
        }
    }
}

pub(super) struct Row {
    pub id: SeriesId,
    pub resource: ResourceId,
    pub creator: UserId,
    pub beneficiary: UserId,
    pub weekdays: Vec<i32>,
    pub every_weeks: i32,
    pub first_date: NaiveDate,
    pub until_date: NaiveDate,
    pub start_time: NaiveTime,
    pub end_time: NaiveTime,
    pub on_conflict: OnConflict,
    pub quantity: i32,
    pub participants: i32,
    pub purpose: Option<String>,
    pub note: Option<String>,
    pub refused: Value,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Series {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        let number = |count: i32| u32::try_from(count).unwrap_or_default();
        Ok(Self {
            id: row.id,
            resource: row.resource,
            creator: row.creator,
            beneficiary: row.beneficiary,
            pattern: Pattern {
                weekdays: row.weekdays.into_iter().map(number).collect(),
                every_weeks: number(row.every_weeks),
                first: row.first_date,
                until: row.until_date,
                start: row.start_time,
                end: row.end_time,
            },
            on_conflict: row.on_conflict,
            quantity: row.quantity,
            participants: row.participants,
            purpose: row.purpose,
            note: row.note,
            refused: serde_json::from_value(row.refused).map_err(|e| Fault::corrupt("booking_series.refused", e))?,
            cancelled_at: row.cancelled_at,
            version: row.version,
            created_at: row.created_at,
        })
    }
}

macro_rules! series_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            $crate::series::queries::Row,
            r#"select s.id as "id: SeriesId", s.resource_id as "resource: ResourceId", s.creator_user_id as "creator: UserId",
                      s.beneficiary_user_id as "beneficiary: UserId", s.weekdays, s.every_weeks, s.first_date, s.until_date,
                      s.start_time, s.end_time, s.on_conflict as "on_conflict: OnConflict", s.quantity, s.participants,
                      s.purpose, s.note, s.refused, s.cancelled_at, s.version, s.created_at
               from booking_series s where s.org_id = $1 "# + $tail,
            $($argument),*
        )
    };
}
pub(super) use series_rows;

/// One series, for its person or staff.
///
/// # Errors
/// [`Refusal::NotFound`] for everybody else.
pub async fn find(tx: &mut Tx, by: Authority, id: SeriesId) -> Result<Series> {
    let org = tx.org()?;
    let row = series_rows!("and s.id = $2", org.0, id.0).fetch_optional(tx.conn()).await?.ok_or(Refusal::NotFound)?;
    let series = Series::try_from(row)?;
    series.must_be_theirs(by)?;
    Ok(series)
}

/// Locks a series for change, its resource first, as everybody does who books.
pub(super) async fn lock(tx: &mut Tx, by: Authority, id: SeriesId, seen: Option<i32>) -> Result<Series> {
    let found = find(tx, by, id).await?;
    crate::inventory::resources::lock_all(tx, &[found.resource]).await?;
    let org = tx.org()?;
    sqlx::query!("select id from booking_series where org_id = $1 and id = $2 for update", org.0, id.0)
        .fetch_one(tx.conn())
        .await?;
    let series = find(tx, by, id).await?;
    if seen.is_some_and(|seen| seen != series.version) {
        return Err(Refusal::VersionMismatch { current: series.version }.into());
    }
    if series.cancelled_at.is_some() {
        return Err(Refusal::StateConflict { status: "cancelled".into() }.into());
    }
    Ok(series)
}

/// Writes a new series.
pub(super) async fn insert(tx: &mut Tx, series: &Series) -> Result<()> {
    let (org, weekdays) = (tx.org()?, days(&series.pattern));
    sqlx::query!(
        "insert into booking_series (org_id, id, resource_id, creator_user_id, beneficiary_user_id, weekdays, every_weeks,
                                     first_date, until_date, start_time, end_time, on_conflict, quantity, participants,
                                     purpose, note, refused, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        org.0,
        series.id.0,
        series.resource.0,
        series.creator.0,
        series.beneficiary.0,
        &weekdays,
        number(series.pattern.every_weeks),
        series.pattern.first,
        series.pattern.until,
        series.pattern.start,
        series.pattern.end,
        series.on_conflict.code(),
        series.quantity,
        series.participants,
        series.purpose,
        series.note,
        serde_json::to_value(&series.refused).unwrap_or_default(),
        series.created_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes a locked series as it is after a step, one version later.
pub(super) async fn store(tx: &mut Tx, before: &Series, mut after: Series) -> Result<Series> {
    let org = tx.org()?;
    after.version = before.version + 1;
    sqlx::query!(
        "update booking_series set until_date = $3, start_time = $4, end_time = $5, participants = $6, purpose = $7, note = $8,
                refused = $9, cancelled_at = $10, version = $11
         where org_id = $1 and id = $2",
        org.0,
        before.id.0,
        after.pattern.until,
        after.pattern.start,
        after.pattern.end,
        after.participants,
        after.purpose,
        after.note,
        serde_json::to_value(&after.refused).unwrap_or_default(),
        after.cancelled_at,
        after.version
    )
    .execute(tx.conn())
    .await?;
    Ok(after)
}

fn days(pattern: &Pattern) -> Vec<i32> {
    pattern.weekdays.iter().map(|day| number(*day)).collect()
}

fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
