//! How availability is shown.

use crate::{envelope::ErrorDetail, routes::hours::OpeningView};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    bookings::availability::{Candidate, Day, Found, Holder, Stats, Upcoming},
    ids::UserId,
    inventory::units::Span,
    refusals::Refusal,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A resource that can be had, or why not.
#[derive(Debug, Serialize, ToSchema)]
pub struct Available {
    /// Which resource.
    resource_id: Uuid,
    /// `parking`, `equipment`, `room`, `vehicle` or `machine`.
    #[schema(example = "room")]
    kind: &'static str,
    /// Its name.
    #[schema(example = "Baobab")]
    name: String,
    /// Where it stands.
    site_id: Option<Uuid>,
    /// Whether a booking as asked for would be made at this moment.
    available: bool,
    /// How many of its units are free then; not known where a rule forbids to ask.
    #[schema(example = 2)]
    free_units: Option<i64>,
    /// What a booking would hear instead: the first rule or claim in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<ErrorDetail>,
    /// What holds the unit that is free again first, when too few are free.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_by: Option<HolderView>,
}

/// What holds a unit; not who.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Holder)]
pub struct HolderView {
    /// Which unit.
    #[schema(example = "B-12")]
    unit_label: String,
    /// `booking`, `offer`, `closure` or `trip`.
    #[schema(example = "closure")]
    source: String,
    /// From when, with the time to set up.
    start_at: DateTime<Utc>,
    /// Until when, with the time to clean up.
    end_at: DateTime<Utc>,
    /// Of a closure: `maintenance`, `event` or `holiday`.
    #[schema(example = "maintenance")]
    closure_kind: Option<String>,
    /// Of a closure: what people should know.
    #[schema(example = "New projector")]
    reason: Option<String>,
}

/// One day of a resource, on the clocks of its place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AvailableDay)]
pub struct DayView {
    /// Which day.
    date: NaiveDate,
    /// Whether anything of it is free for a while.
    available: bool,
    /// Why not: `maintenance`, `retired`, `no_units`, `closed`, `closure`, `fully_booked` or `over`.
    #[schema(example = "closed")]
    reason: Option<&'static str>,
    /// What people call the day, or what they should know of the closure.
    #[schema(example = "Noël")]
    note: Option<String>,
    /// When it is open.
    opening_hours: Vec<OpeningView>,
    /// Whole hours from each opening on, to come, in which one unit is free throughout.
    #[schema(example = 8)]
    free_slots: usize,
    /// When at least one unit is free, from now on.
    free: Vec<FreeSpan>,
}

/// From when to when.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreeSpan {
    /// First instant.
    start_at: DateTime<Utc>,
    /// First instant after.
    end_at: DateTime<Utc>,
}

/// A resource in figures.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResourceStats)]
pub struct StatsView {
    /// Bookings ever made of it, drafts and wishes apart.
    #[schema(example = 150)]
    total_bookings: i64,
    /// Of these, those that are on.
    #[schema(example = 2)]
    active_bookings: i64,
    /// Of these, those to come.
    #[schema(example = 10)]
    upcoming_bookings: i64,
    /// Percent of its open time that is booked, over 7 days from today on.
    #[schema(example = 45.5)]
    occupancy_7_days: f64,
    /// Unit hours booked over 30 days from today on.
    #[schema(example = 120.5)]
    booked_hours_30_days: f64,
    /// Minutes a booking takes on average, of those that were not given up.
    #[schema(example = 90.0)]
    mean_minutes: Option<f64>,
}

/// A booking to come, or going on; not whose.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UpcomingBooking)]
pub struct UpcomingView {
    /// Its id, of my own.
    booking_id: Option<Uuid>,
    /// What people call it, of my own.
    code: Option<String>,
    /// Whether it is mine.
    mine: bool,
    /// `pending`, `approved`, `confirmed` or `in_use`.
    #[schema(example = "confirmed")]
    status: &'static str,
    /// First instant.
    start_at: DateTime<Utc>,
    /// First instant after.
    end_at: DateTime<Utc>,
    /// How many units of the resource it has.
    #[schema(example = 1)]
    quantity: i64,
}

fn detail(refusal: &Refusal) -> ErrorDetail {
    ErrorDetail { code: refusal.code().into(), message: refusal.message().into(), details: refusal.details() }
}

impl From<Found> for Available {
    fn from(found: Found) -> Self {
        Self {
            resource_id: found.id.into(),
            kind: found.kind.code(),
            name: found.name,
            site_id: found.site.map(Uuid::from),
            available: true,
            free_units: Some(found.free),
            refusal: None,
            held_by: None,
        }
    }
}

impl From<Candidate> for Available {
    fn from(candidate: Candidate) -> Self {
        Self {
            resource_id: candidate.id.into(),
            kind: candidate.kind.code(),
            name: candidate.name,
            site_id: candidate.site.map(Uuid::from),
            available: candidate.refusal.is_none(),
            free_units: candidate.free,
            refusal: candidate.refusal.as_ref().map(detail),
            held_by: candidate.holder.map(HolderView::from),
        }
    }
}

impl From<Holder> for HolderView {
    fn from(holder: Holder) -> Self {
        let Holder { unit_label, source, start_at, end_at, closure_kind, reason } = holder;
        Self { unit_label, source, start_at, end_at, closure_kind, reason }
    }
}

impl From<Day> for DayView {
    fn from(day: Day) -> Self {
        let span = |Span { start, end }: Span| FreeSpan { start_at: start, end_at: end };
        Self {
            date: day.date,
            available: day.available,
            reason: day.reason,
            note: day.note,
            opening_hours: OpeningView::all(day.opening_hours),
            free_slots: day.free_slots,
            free: day.free.into_iter().map(span).collect(),
        }
    }
}

impl From<Stats> for StatsView {
    fn from(stats: Stats) -> Self {
        let Stats { total_bookings, active_bookings, upcoming_bookings, .. } = stats;
        let Stats { occupancy_7_days, booked_hours_30_days, mean_minutes, .. } = stats;
        Self {
            total_bookings,
            active_bookings,
            upcoming_bookings,
            occupancy_7_days,
            booked_hours_30_days,
            mean_minutes,
        }
    }
}

impl UpcomingView {
    /// The booking as this person may see it.
    pub(in crate::routes) fn of(booking: Upcoming, seen_by: UserId) -> Self {
        let mine = booking.beneficiary == seen_by;
        Self {
            booking_id: mine.then_some(booking.id.into()),
            code: mine.then_some(booking.code),
            mine,
            status: booking.status.code(),
            start_at: booking.start_at,
            end_at: booking.end_at,
            quantity: booking.quantity,
        }
    }
}
