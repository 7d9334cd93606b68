//! A booking as it is shown.

use crate::{
    envelope::Reply,
    routes::shared::{MoneyView, wall_clock},
};
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::{
    bookings::{self, seat_labels},
    db::Tx,
    error::Result,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Seats on a trip.
#[derive(Debug, Serialize, ToSchema)]
pub struct Booking {
    /// Its id.
    id: Uuid,
    /// Eight characters people can say on the phone.
    #[schema(example = "7KQ2MXA9")]
    code: String,
    /// The trip.
    trip_id: Uuid,
    /// Who rides.
    passenger_id: Uuid,
    /// Who booked.
    creator_id: Uuid,
    /// `pending`, `approved`, `confirmed`, `in_use`, `completed`, `rejected`, `cancelled`, `expired` or `no_show`.
    #[schema(example = "approved")]
    status: &'static str,
    /// `none`, `due`, `processing`, `paid`, `partially_refunded` or `refunded`.
    #[schema(example = "due")]
    payment_status: String,
    /// How many seats.
    #[schema(example = 2)]
    seats: i32,
    /// Which seats; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["1", "2"]))]
    seat_labels: Option<Vec<String>>,
    /// What the rider owes.
    price: MoneyView,
    /// The platform's share of it.
    commission: MoneyView,
    /// When the ride starts.
    start_at: DateTime<Utc>,
    /// When it should be over.
    end_at: DateTime<Utc>,
    /// The same times on the clocks of `timezone`.
    local: Local,
    /// The zone its people think in.
    #[schema(example = "Africa/Abidjan")]
    timezone: &'static str,
    /// A word to the driver.
    note: Option<String>,
    /// When the seats are freed unless somebody acts.
    hold_expires_at: Option<DateTime<Utc>>,
    /// Why it was rejected or cancelled.
    reason: Option<String>,
    /// When it was cancelled.
    cancelled_at: Option<DateTime<Utc>>,
    /// When the rider checked in.
    checked_in_at: Option<DateTime<Utc>>,
    /// When the ride began.
    started_at: Option<DateTime<Utc>>,
    /// When it was over.
    ended_at: Option<DateTime<Utc>>,
    /// The number in its `ETag`.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// The times of a booking on local clocks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BookingLocal)]
pub struct Local {
    /// When the ride starts.
    start_at: NaiveDateTime,
    /// When it should be over.
    end_at: NaiveDateTime,
}

impl Booking {
    /// The booking with its seats.
    pub async fn with_seats(tx: &mut Tx, booking: bookings::Booking) -> Result<Self> {
        let labels = seat_labels(tx, booking.id).await?;
        Ok(Self { seat_labels: Some(labels), ..booking.into() })
    }
}

/// 200 with a booking and its seats.
pub async fn shown(tx: &mut Tx, booking: bookings::Booking) -> Result<Reply> {
    let version = booking.version;
    Ok(Reply::ok(Booking::with_seats(tx, booking).await?).version(version))
}

impl From<bookings::Booking> for Booking {
    fn from(booking: bookings::Booking) -> Self {
        let zone = booking.timezone;
        Self {
            id: booking.id.into(),
            code: booking.code,
            trip_id: booking.resource.into(),
            passenger_id: booking.beneficiary.into(),
            creator_id: booking.creator.into(),
            status: booking.status.code(),
            payment_status: booking.payment_status,
            seats: booking.quantity,
            seat_labels: None,
            price: booking.price.into(),
            commission: booking.commission.into(),
            start_at: booking.start_at,
            end_at: booking.end_at,
            local: Local { start_at: wall_clock(booking.start_at, zone), end_at: wall_clock(booking.end_at, zone) },
            timezone: zone.name(),
            note: booking.note,
            hold_expires_at: booking.hold_expires_at,
            reason: booking.reason_code,
            cancelled_at: booking.cancelled_at,
            checked_in_at: booking.checked_in_at,
            started_at: booking.started_at,
            ended_at: booking.ended_at,
            version: booking.version,
            created_at: booking.created_at,
        }
    }
}
