//! What somebody waits for, beyond what a booking says of itself: which units will do, and for how long it is worth
//! waiting.

use super::line::{self, Line};
use crate::{
    bookings::{self, Booking, NewBooking, When},
    db::Tx,
    error::Result,
    ids::*,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};

/// The longest reason.
const LONGEST_TEXT: usize = 1_000;
/// Features one wish may name, and how long each may be.
const MOST_FEATURES: usize = 40;
const LONGEST_FEATURE: usize = 60;

/// What somebody would book if it were free.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The booking: so many units of one resource, all or nothing, from when to when.
    pub booking: NewBooking,
    /// What every unit must have.
    pub features: Vec<String>,
    /// After it the wish is pointless: the start, unless told later, and never past the end. Of a half-day that is under
    /// way, the end.
    pub useful_until: Option<DateTime<Utc>>,
}

impl Wish {
    /// One resource with its times, and features that are short.
    pub(super) fn check(&self) -> Result<(ResourceId, When)> {
        let odd =
            |feature: &String| !(1..=LONGEST_FEATURE).contains(&feature.chars().count()) || feature.contains('\0');
        if self.features.len() > MOST_FEATURES || self.features.iter().any(odd) {
            let problem = format!("at most {MOST_FEATURES}, each 1 to {LONGEST_FEATURE} characters");
            return Err(Refusal::invalid("features", problem).into());
        }
        match (self.booking.wishes.as_slice(), self.booking.when) {
            ([bookings::Wish::Some(resource, _)], Some(when)) => Ok((*resource, when)),
            (_, None) => Err(Refusal::invalid("start_at", "is missing: say from when to when").into()),
            _ => Err(Refusal::invalid("resource_id", "one resource; features say which of its units will do").into()),
        }
    }

    /// Until when it is worth waiting.
    pub(super) fn use_ends(&self, now: DateTime<Utc>, booking: &Booking) -> Result<DateTime<Utc>> {
        let by_itself = if booking.start_at > now { booking.start_at } else { booking.end_at };
        let until = self.useful_until.unwrap_or(by_itself);
        if until <= now || until > booking.end_at {
            return Err(Refusal::invalid("useful_until", "must be in the future and not after the end").into());
        }
        Ok(until)
    }

    /// Insists that the thing could ever be had like this.
    pub(super) async fn must_be_possible(&self, tx: &mut Tx, line: &Line, quantity: i32) -> Result<()> {
        let limit = line::fitting(tx, line.id, &self.features).await?;
        if limit < i64::from(quantity) {
            return Err(Refusal::Policy { rule: "units", limit, value: quantity.into() }.into());
        }
        Ok(())
    }
}

/// A reason in words, if any: at most 1000 characters.
pub(super) fn reason(reason: Option<String>) -> Result<Option<String>> {
    if reason.as_ref().is_some_and(|text| text.chars().count() > LONGEST_TEXT || text.contains('\0')) {
        return Err(Refusal::invalid("reason", format!("must have at most {LONGEST_TEXT} characters")).into());
    }
    Ok(reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty()))
}
