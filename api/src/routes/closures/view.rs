//! How a closure is shown.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use domain::inventory::{
    BookingInTheWay,
    closures::{self, Created, Place, Repeat},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A time in which something is closed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Closure {
    /// Its id.
    id: Uuid,
    /// The site that is closed, with everything on it.
    site_id: Option<Uuid>,
    /// The resource that is closed, or whose unit is.
    resource_id: Option<Uuid>,
    /// The unit that is closed.
    unit_id: Option<Uuid>,
    /// `maintenance`, `event` or `holiday`.
    #[schema(example = "maintenance")]
    kind: &'static str,
    /// What people should know.
    #[schema(example = "New projector")]
    reason: Option<String>,
    /// First instant, of the first time.
    start_at: DateTime<Utc>,
    /// First instant after.
    end_at: DateTime<Utc>,
    /// The same on the clocks of `timezone`.
    local: ClosureLocal,
    /// The zone it is meant in.
    #[schema(example = "Africa/Abidjan")]
    timezone: &'static str,
    /// `daily` or `weekly`, at the same time on these clocks.
    #[schema(example = "weekly")]
    repeats: Option<&'static str>,
    /// The last day on which it may begin.
    until: Option<NaiveDate>,
    /// When it was announced.
    created_at: DateTime<Utc>,
    /// Bookings that got other units by it; only in the answer to who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    moved: Option<Vec<BookingMet>>,
    /// Bookings the house cancelled for it; only in the answer to who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled: Option<Vec<BookingMet>>,
}

/// The times of a closure on local clocks.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosureLocal {
    /// When it begins.
    start_at: NaiveDateTime,
    /// When it ends.
    end_at: NaiveDateTime,
}

/// A booking that was met, as it stood.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingMet {
    /// Its id.
    id: Uuid,
    /// What people call it.
    #[schema(example = "7KQ2MXA9")]
    code: String,
    /// Where it stood.
    #[schema(example = "confirmed")]
    status: String,
    /// From when.
    start_at: DateTime<Utc>,
    /// Until when.
    end_at: DateTime<Utc>,
}

impl From<BookingInTheWay> for BookingMet {
    fn from(booking: BookingInTheWay) -> Self {
        let BookingInTheWay { id, code, status, start_at, end_at } = booking;
        Self { id: id.into(), code, status, start_at, end_at }
    }
}

impl Closure {
    /// The closure and whom it met.
    pub(super) fn met(created: Created) -> Self {
        let met = |bookings: Vec<BookingInTheWay>| Some(bookings.into_iter().map(BookingMet::from).collect());
        let (moved, cancelled) = (met(created.moved), met(created.cancelled));
        Self { moved, cancelled, ..created.closure.into() }
    }
}

impl From<closures::Closure> for Closure {
    fn from(closure: closures::Closure) -> Self {
        let (site, resource, unit) = match closure.place {
            Place::Site(site) => (Some(site.into()), None, None),
            Place::Resource(resource) => (None, Some(resource.into()), None),
            Place::Unit(resource, unit) => (None, Some(resource.into()), Some(unit.into())),
        };
        Self {
            id: closure.id.into(),
            site_id: site,
            resource_id: resource,
            unit_id: unit,
            kind: closure.kind.code(),
            reason: closure.reason,
            start_at: closure.start_at,
            end_at: closure.end_at,
            local: ClosureLocal { start_at: closure.local.0, end_at: closure.local.1 },
            timezone: closure.timezone.name(),
            repeats: closure.repeats.map(|(repeat, _)| Repeat::code(repeat)),
            until: closure.repeats.map(|(_, until)| until),
            created_at: closure.created_at,
            moved: None,
            cancelled: None,
        }
    }
}
