//! The dates of a series and what became of each: its booking, wherever that stands, or why there is none.

use super::Series;
use crate::{bookings::Status, db::Tx, error::Result, ids::*};
use chrono::{DateTime, NaiveDate, Utc};

/// How a date of a series stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It has its booking.
    Booked,
    /// It waits in line.
    Waiting,
    /// Its booking was given up, refused or ran out.
    Ended,
    /// It could not be had.
    Refused,
}

impl State {
    /// As served.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Waiting => "waiting",
            Self::Ended => "ended",
            Self::Refused => "refused",
        }
    }
}

/// One date.
#[derive(Debug, Clone)]
pub struct Occurrence {
    /// Which.
    pub date: NaiveDate,
    /// How it stands.
    pub state: State,
    /// Its booking.
    pub booking: Option<BookingId>,
    /// Where the booking stands.
    pub status: Option<Status>,
    /// When the booking is, wherever it was moved.
    pub start_at: Option<DateTime<Utc>>,
    /// First instant after.
    pub end_at: Option<DateTime<Utc>>,
    /// The code of the refusal.
    pub refusal: Option<String>,
}

/// A booking of a series that is still to come.
pub(super) struct Coming {
    pub date: NaiveDate,
    pub id: BookingId,
    pub status: Status,
}

struct Row {
    date: NaiveDate,
    id: BookingId,
    status: Status,
    start_at: DateTime<Utc>,
    end_at: DateTime<Utc>,
}

/// Every date of a series, in order, with the newest booking of each.
///
/// # Errors
/// A fault when the database fails.
pub async fn occurrences(tx: &mut Tx, series: &Series) -> Result<Vec<Occurrence>> {
    let org = tx.org()?;
    let rows = sqlx::query_as!(
        Row,
        r#"select distinct on (b.series_date) b.series_date as "date!", b.id as "id: BookingId", b.status as "status: Status",
                  b.start_at, b.end_at
           from bookings b where b.org_id = $1 and b.series_id = $2
           order by b.series_date, b.status in ('cancelled', 'rejected', 'expired'), b.created_at desc, b.id"#,
        org.0,
        series.id.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut dates: Vec<NaiveDate> = series
        .pattern
        .dates()
        .chain(rows.iter().map(|row| row.date))
        .chain(series.refused.iter().map(|one| one.date))
        .collect();
    dates.sort_unstable();
    dates.dedup();
    Ok(dates.into_iter().map(|date| occurrence(series, date, rows.iter().find(|row| row.date == date))).collect())
}

fn occurrence(series: &Series, date: NaiveDate, row: Option<&Row>) -> Occurrence {
    let refusal = series.refused.iter().find(|one| one.date == date).map(|one| one.code.clone());
    let state = match row.map(|row| row.status) {
        None => State::Refused,
        Some(Status::Waitlisted) => State::Waiting,
        Some(Status::Cancelled | Status::Rejected | Status::Expired) => State::Ended,
        Some(_) => State::Booked,
    };
    Occurrence {
        date,
        state,
        booking: row.map(|row| row.id),
        status: row.map(|row| row.status),
        start_at: row.map(|row| row.start_at),
        end_at: row.map(|row| row.end_at),
        refusal,
    }
}

/// Bookings of a series that did not begin, on this date or later.
pub(super) async fn coming(tx: &mut Tx, series: SeriesId, from: Option<NaiveDate>) -> Result<Vec<Coming>> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(sqlx::query_as!(
        Coming,
        r#"select b.series_date as "date!", b.id as "id: BookingId", b.status as "status: Status"
           from bookings b
           where b.org_id = $1 and b.series_id = $2 and ($3::date is null or b.series_date >= $3) and b.start_at > $4
             and b.status in ('draft', 'pending', 'waitlisted', 'approved', 'confirmed')
           order by b.series_date, b.id"#,
        org.0,
        series.0,
        from,
        now
    )
    .fetch_all(tx.conn())
    .await?)
}
