//! One date of a series becomes a booking, or waits, or is refused; each by itself, so that what one leaves behind when
//! it is refused is undone and the others stay.

use super::{OnConflict, Refused, Series};
use crate::{
    bookings::{self, NewBooking, Wish},
    db::Tx,
    error::{Error, Result},
    ids::*,
    refusals::Refusal,
    waitlist,
};
use chrono::NaiveDate;

/// What became of the dates that were tried.
#[derive(Debug, Default)]
pub(super) struct Tried {
    pub placed: usize,
    pub refused: Vec<Refused>,
}

impl Tried {
    /// A date that was refused counts; what concerns every date alike ends it all.
    pub(super) fn note(&mut self, date: NaiveDate, step: Result<()>) -> Result<()> {
        match step {
            Ok(()) => self.placed += 1,
            Err(Error::Refused(no @ (Refusal::NotFound | Refusal::Invalid { .. } | Refusal::Forbidden { .. }))) => {
                return Err(no.into());
            }
            Err(Error::Refused(refusal)) => self.refused.push(Refused::by(date, &refusal)),
            Err(fault) => return Err(fault),
        }
        Ok(())
    }

    /// Whether this may stand: all of it, or where gaps are allowed something of it.
    pub(super) fn must_do(&self, on_conflict: OnConflict) -> Result<()> {
        let whole = self.refused.is_empty();
        if whole || on_conflict != OnConflict::Fail && self.placed > 0 {
            return Ok(());
        }
        let possible = i64::try_from(self.placed).unwrap_or(i64::MAX);
        Err(Refusal::SeriesRefused { possible, refused: self.refused.clone() }.into())
    }
}

/// Books a date, or lets it wait where that is wanted and it is taken.
pub(super) async fn place(tx: &mut Tx, series: &Series, date: NaiveDate) -> Result<()> {
    let step = tx.step().await?;
    let placed = book(tx, series, date).await;
    tx.end_step(step, placed).await
}

async fn book(tx: &mut Tx, series: &Series, date: NaiveDate) -> Result<()> {
    let new = NewBooking {
        creator: series.creator,
        beneficiary: series.beneficiary,
        wishes: vec![Wish::Some(series.resource, series.quantity)],
        when: Some(series.pattern.on(date)),
        participants: Some(series.participants),
        purpose: series.purpose.clone(),
        note: series.note.clone(),
        draft: false,
    };
    let booking = match bookings::request(tx, new.clone()).await {
        Err(Error::Refused(taken @ Refusal::Taken { .. })) if series.on_conflict == OnConflict::Queue => {
            wait(tx, new, taken).await?
        }
        booking => booking?.id,
    };
    attach(tx, series.id, booking, date).await
}

/// Waits for what is taken; where nobody may wait it is refused as taken.
async fn wait(tx: &mut Tx, booking: NewBooking, taken: Refusal) -> Result<BookingId> {
    let wish = waitlist::Wish { booking, features: Vec::new(), useful_until: None };
    match waitlist::join(tx, wish).await {
        Ok(entry) => Ok(entry.booking),
        Err(Error::Refused(Refusal::Conflict { reason: "no_waitlist" })) => Err(taken.into()),
        Err(error) => Err(error),
    }
}

/// Notes in the booking's own commit which date of which series it is.
pub(super) async fn attach(tx: &mut Tx, series: SeriesId, booking: BookingId, date: NaiveDate) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "update bookings set series_id = $3, series_date = $4 where org_id = $1 and id = $2",
        org.0,
        booking.0,
        series.0,
        date
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
