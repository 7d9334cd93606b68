//! What clients say of a closure.

use crate::routes::bookings::moment;
use chrono::NaiveDate;
use domain::{
    ids::UnitId,
    inventory::{
        OnBookings,
        closures::{NewClosure, Place},
    },
    refusals::Refusal,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A time in which something is closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewClosure, example = json!({
    "kind": "maintenance", "reason": "New projector", "start_at": "2031-03-03T08:00", "end_at": "2031-03-03T12:00"
}))]
pub struct NewClosureBody {
    /// `maintenance`, `event` or `holiday`.
    #[schema(example = "maintenance")]
    kind: String,
    /// What people should know, at most 1000 characters.
    #[schema(example = "New projector")]
    reason: Option<String>,
    /// One unit of the resource; all of it when left out.
    unit_id: Option<Uuid>,
    /// RFC 3339; without an offset it is meant on the clocks of the place.
    #[schema(example = "2031-03-03T08:00")]
    start_at: String,
    /// The first instant after.
    #[schema(example = "2031-03-03T12:00")]
    end_at: String,
    /// `daily` or `weekly`, at the same time on the clocks of the place; with `until`.
    #[schema(example = "weekly")]
    repeats: Option<String>,
    /// The last day on which it may begin.
    #[schema(example = "2031-06-30")]
    until: Option<NaiveDate>,
    /// What becomes of bookings that cannot be moved: `refuse`, which is the default, or `cancel`.
    #[schema(example = "refuse")]
    on_bookings: Option<String>,
}

impl NewClosureBody {
    pub(super) fn unit(&self) -> Option<UnitId> {
        self.unit_id.map(UnitId)
    }

    pub(super) fn closure(self, place: Place) -> Result<NewClosure, Refusal> {
        let repeats = match (self.repeats, self.until) {
            (None, None) => None,
            (Some(repeats), Some(until)) => Some((repeats.parse()?, until)),
            (Some(_), None) => return Err(Refusal::invalid("until", "is missing: what comes again has an end")),
            (None, Some(_)) => return Err(Refusal::invalid("repeats", "is missing: daily or weekly")),
        };
        let bookings = match self.on_bookings.as_deref() {
            None | Some("refuse") => OnBookings::Refuse,
            Some("cancel") => OnBookings::Cancel,
            Some(_) => return Err(Refusal::invalid("on_bookings", "allowed: refuse, cancel")),
        };
        Ok(NewClosure {
            place,
            kind: self.kind.parse()?,
            reason: self.reason,
            start: moment("start_at", &self.start_at)?,
            end: moment("end_at", &self.end_at)?,
            repeats,
            bookings,
        })
    }
}
