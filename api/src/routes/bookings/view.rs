//! A booking as it is shown.

use crate::{
    envelope::Reply,
    routes::shared::{MoneyView, wall_clock},
};
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::{
    bookings,
    db::Tx,
    error::Result,
    inventory::{Condition, Kind},
    policies::Period,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Seats on a trip, or units of resources.
#[derive(Debug, Serialize, ToSchema)]
pub struct Booking {
    /// Its id.
    id: Uuid,
    /// Eight characters people can say on the phone.
    #[schema(example = "7KQ2MXA9")]
    code: String,
    /// `trip`, `parking`, `equipment`, `room`, `vehicle` or `machine`.
    #[schema(example = "trip")]
    kind: &'static str,
    /// What is booked; of several, the first.
    resource_id: Uuid,
    /// The trip, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    trip_id: Option<Uuid>,
    /// For whom.
    beneficiary_id: Uuid,
    /// The same, of a ride.
    passenger_id: Uuid,
    /// Who booked.
    creator_id: Uuid,
    /// `draft`, `pending`, `waitlisted`, `approved`, `confirmed`, `in_use`, `completed`, `rejected`, `cancelled`, `expired` or `no_show`.
    #[schema(example = "approved")]
    status: &'static str,
    /// `none`, `due`, `processing`, `paid`, `partially_refunded` or `refunded`.
    #[schema(example = "due")]
    payment_status: String,
    /// How many units.
    #[schema(example = 2)]
    quantity: i32,
    /// The same, of a ride.
    #[schema(example = 2)]
    seats: i32,
    /// Its units and how they changed hands; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Vec<Item>>,
    /// Which units, by label; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["1", "2"]))]
    seat_labels: Option<Vec<String>>,
    /// What is owed.
    price: MoneyView,
    /// The platform's share of it.
    commission: MoneyView,
    /// First instant.
    start_at: DateTime<Utc>,
    /// First instant after.
    end_at: DateTime<Utc>,
    /// The same times on the clocks of `timezone`.
    local: Local,
    /// The zone its people think in.
    #[schema(example = "Africa/Abidjan")]
    timezone: &'static str,
    /// The named part of a day that was asked for.
    #[schema(example = "morning")]
    period: Option<&'static str>,
    /// How many people come.
    #[schema(example = 1)]
    participants: i32,
    /// What it is for.
    purpose: Option<String>,
    /// A word to whoever decides.
    note: Option<String>,
    /// When the units are freed unless somebody acts.
    hold_expires_at: Option<DateTime<Utc>>,
    /// When it is given away unless somebody checked in or picked up.
    release_at: Option<DateTime<Utc>>,
    /// When what is lent must be back.
    due_at: Option<DateTime<Utc>>,
    /// When it was found late.
    overdue_at: Option<DateTime<Utc>>,
    /// Why it was rejected or cancelled.
    reason: Option<String>,
    /// When it was cancelled.
    cancelled_at: Option<DateTime<Utc>>,
    /// What giving it up cost, in minor units.
    cancellation_fee: i64,
    /// When somebody checked in.
    checked_in_at: Option<DateTime<Utc>>,
    /// When it began.
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

/// One unit of a booking.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BookingItem)]
pub struct Item {
    /// Its id.
    id: Uuid,
    /// Of which resource.
    resource_id: Uuid,
    /// Which unit; none while it is only wished for.
    unit_id: Option<Uuid>,
    /// What people called it then.
    #[schema(example = "B-12")]
    unit_label: Option<String>,
    /// When it was handed out.
    handed_over_at: Option<DateTime<Utc>>,
    /// How it looked then.
    #[schema(example = "good")]
    condition_out: Option<&'static str>,
    /// When it came back.
    returned_at: Option<DateTime<Utc>>,
    /// How it looked then.
    #[schema(example = "good")]
    condition_in: Option<&'static str>,
    /// What was remarked.
    remark: Option<String>,
}

impl From<bookings::Item> for Item {
    fn from(item: bookings::Item) -> Self {
        Self {
            id: item.id.into(),
            resource_id: item.resource.into(),
            unit_id: item.unit.map(Uuid::from),
            unit_label: item.label,
            handed_over_at: item.handed_over_at,
            condition_out: item.condition_out.map(Condition::code),
            returned_at: item.returned_at,
            condition_in: item.condition_in.map(Condition::code),
            remark: item.remark,
        }
    }
}

impl Booking {
    /// The booking with its units.
    pub async fn whole(tx: &mut Tx, booking: bookings::Booking) -> Result<Self> {
        let items = bookings::items(tx, booking.id).await?;
        let mut labels: Vec<String> = items.iter().filter_map(|item| item.label.clone()).collect();
        labels.sort_by(|a, b| (a.chars().count(), a).cmp(&(b.chars().count(), b)));
        let items = items.into_iter().map(Item::from).collect();
        Ok(Self { seat_labels: Some(labels), items: Some(items), ..booking.into() })
    }
}

/// 200 with a booking and its units.
pub async fn shown(tx: &mut Tx, booking: bookings::Booking) -> Result<Reply> {
    let version = booking.version;
    Ok(Reply::ok(Booking::whole(tx, booking).await?).version(version))
}

impl From<bookings::Booking> for Booking {
    fn from(booking: bookings::Booking) -> Self {
        let zone = booking.timezone;
        Self {
            id: booking.id.into(),
            code: booking.code,
            kind: booking.kind.code(),
            resource_id: booking.resource.into(),
            trip_id: (booking.kind == Kind::Trip).then_some(booking.resource.into()),
            beneficiary_id: booking.beneficiary.into(),
            passenger_id: booking.beneficiary.into(),
            creator_id: booking.creator.into(),
            status: booking.status.code(),
            payment_status: booking.payment_status,
            quantity: booking.quantity,
            seats: booking.quantity,
            items: None,
            seat_labels: None,
            price: booking.price.into(),
            commission: booking.commission.into(),
            start_at: booking.start_at,
            end_at: booking.end_at,
            local: Local { start_at: wall_clock(booking.start_at, zone), end_at: wall_clock(booking.end_at, zone) },
            timezone: zone.name(),
            period: booking.period.map(Period::code),
            participants: booking.participants,
            purpose: booking.purpose,
            note: booking.note,
            hold_expires_at: booking.hold_expires_at,
            release_at: booking.release_at,
            due_at: booking.due_at,
            overdue_at: booking.overdue_at,
            reason: booking.reason_code,
            cancelled_at: booking.cancelled_at,
            cancellation_fee: booking.cancellation_fee.amount,
            checked_in_at: booking.checked_in_at,
            started_at: booking.started_at,
            ended_at: booking.ended_at,
            version: booking.version,
            created_at: booking.created_at,
        }
    }
}
