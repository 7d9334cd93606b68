//! Reads shared by the operations on bookings, and the one way to move a booking's status.

use super::Authority;
use crate::{
    audit::Change,
    db::Tx,
    error::{Fault, Result},
    ids::*,
    inventory::Kind,
    money::Money,
    policies::{Period, Rules},
    refusals::Refusal,
};
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where a booking stands (CX11, MODEL §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Status {
    /// Being written.
    Draft,
    /// Waits for whoever decides.
    Pending,
    /// Waits for a free unit.
    Waitlisted,
    /// Accepted; waits for its payment.
    Approved,
    /// Accepted and everything due is settled.
    Confirmed,
    /// Going on.
    InUse,
    /// Done.
    Completed,
    /// Whoever decides said no.
    Rejected,
    /// Given up.
    Cancelled,
    /// Nobody accepted or paid in time.
    Expired,
    /// Nobody came.
    NoShow,
}

impl Status {
    /// Units are claimed in these.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::Pending | Self::Approved | Self::Confirmed | Self::InUse)
    }

    /// As stored and served.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Pending => "pending",
            Self::Waitlisted => "waitlisted",
            Self::Approved => "approved",
            Self::Confirmed => "confirmed",
            Self::InUse => "in_use",
            Self::Completed => "completed",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::NoShow => "no_show",
        }
    }
}

/// A booking.
#[derive(Debug, Clone, Serialize)]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// Eight characters people can say on the phone.
    pub code: String,
    /// What sort of thing is booked: whose rules a step follows depends on it.
    pub kind: Kind,
    /// What is booked; of several, the first.
    pub resource: ResourceId,
    /// Who booked.
    pub creator: UserId,
    /// For whom.
    pub beneficiary: UserId,
    /// Where it stands.
    pub status: Status,
    /// `none`, `due`, `processing`, `paid`, `partially_refunded` or `refunded`.
    pub payment_status: String,
    /// First instant.
    pub start_at: DateTime<Utc>,
    /// First instant after.
    pub end_at: DateTime<Utc>,
    /// The zone its people think in.
    pub timezone: Tz,
    /// What the person meant on those clocks, if it was said so (CX21).
    pub local: Option<(NaiveDateTime, NaiveDateTime)>,
    /// The named part of a day that was asked for (G1).
    pub period: Option<Period>,
    /// How many units.
    pub quantity: i32,
    /// How many people come (G6).
    pub participants: i32,
    /// What it is for (G2).
    pub purpose: Option<String>,
    /// What the rider owes.
    pub price: Money,
    /// The platform's share of the price.
    pub commission: Money,
    /// The rules as they were when it was made; later changes do not touch it (CX36).
    #[serde(skip)]
    pub policy: Rules,
    /// What the rider wants to say.
    pub note: Option<String>,
    /// When the units are freed unless somebody acts.
    pub hold_expires_at: Option<DateTime<Utc>>,
    /// Why it was rejected or cancelled.
    pub reason_code: Option<String>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// What giving it up cost (L2).
    pub cancellation_fee: Money,
    /// When the rider checked in.
    pub checked_in_at: Option<DateTime<Utc>>,
    /// When it started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// When what is lent must be back (SN6).
    pub due_at: Option<DateTime<Utc>>,
    /// When it was found late.
    pub overdue_at: Option<DateTime<Utc>>,
    /// When it is given away unless somebody checked in or picked up (SN32).
    pub release_at: Option<DateTime<Utc>>,
    /// For `ETag` and `If-Match`.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

pub(super) struct Row {
    pub id: Uuid,
    pub code: String,
    pub kind: Kind,
    pub resource_id: Uuid,
    pub creator_user_id: Uuid,
    pub beneficiary_user_id: Uuid,
    pub status: Status,
    pub payment_status: String,
    pub start_at: DateTime<Utc>,
    pub end_at: DateTime<Utc>,
    pub timezone: String,
    pub local_start: Option<NaiveDateTime>,
    pub local_end: Option<NaiveDateTime>,
    pub period: Option<Period>,
    pub quantity: i32,
    pub participants: i32,
    pub purpose: Option<String>,
    pub price: i64,
    pub commission: i64,
    pub currency: String,
    pub policy_snapshot: serde_json::Value,
    pub note: Option<String>,
    pub hold_expires_at: Option<DateTime<Utc>>,
    pub reason_code: Option<String>,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub cancellation_fee: i64,
    pub checked_in_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub due_at: Option<DateTime<Utc>>,
    pub overdue_at: Option<DateTime<Utc>>,
    pub release_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Booking {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        let currency = row.currency.parse().map_err(|e| Fault::corrupt("bookings.currency", e))?;
        Ok(Self {
            id: row.id.into(),
            code: row.code,
            kind: row.kind,
            resource: row.resource_id.into(),
            creator: row.creator_user_id.into(),
            beneficiary: row.beneficiary_user_id.into(),
            status: row.status,
            payment_status: row.payment_status,
            start_at: row.start_at,
            end_at: row.end_at,
            timezone: row.timezone.parse().map_err(|e| Fault::corrupt("bookings.timezone", e))?,
            local: row.local_start.zip(row.local_end),
            period: row.period,
            quantity: row.quantity,
            participants: row.participants,
            purpose: row.purpose,
            price: Money { amount: row.price, currency },
            commission: Money { amount: row.commission, currency },
            policy: serde_json::from_value(row.policy_snapshot)
                .map_err(|e| Fault::corrupt("bookings.policy_snapshot", e))?,
            note: row.note,
            hold_expires_at: row.hold_expires_at,
            reason_code: row.reason_code,
            cancelled_at: row.cancelled_at,
            cancellation_fee: Money { amount: row.cancellation_fee, currency },
            checked_in_at: row.checked_in_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
            due_at: row.due_at,
            overdue_at: row.overdue_at,
            release_at: row.release_at,
            version: row.version,
            created_at: row.created_at,
        })
    }
}

macro_rules! booking_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            $crate::bookings::queries::Row,
            r#"select b.id, b.code, b.kind as "kind: Kind", b.resource_id, b.creator_user_id, b.beneficiary_user_id,
                      b.status as "status: Status", b.payment_status, b.start_at, b.end_at, b.timezone, b.local_start,
                      b.local_end, b.period as "period: Period", b.quantity, b.participants, b.purpose, b.price,
                      b.commission, b.currency, b.policy_snapshot, b.note, b.hold_expires_at, b.reason_code,
                      b.cancelled_at, b.cancellation_fee, b.checked_in_at, b.started_at, b.ended_at, b.due_at, b.overdue_at, b.release_at,
                      b.version, b.created_at
               from bookings b where b.org_id = $1 "# + $tail,
            $($argument),*
        )
    };
}

pub(super) use booking_rows;

/// The booking with this id, whoever asks: callers check who may see it.
pub(crate) async fn load(tx: &mut Tx, id: BookingId) -> Result<Booking> {
    let org = tx.org()?;
    let row = booking_rows!("and b.id = $2", org.0, id.0).fetch_optional(tx.conn()).await?.ok_or(Refusal::NotFound)?;
    Ok(row.try_into()?)
}

/// One booking, for its person, its driver or staff.
///
/// # Errors
/// [`Refusal::NotFound`] for everybody else.
pub async fn find(tx: &mut Tx, by: Authority, id: BookingId) -> Result<Booking> {
    let booking = load(tx, id).await?;
    let driver = match booking.kind {
        Kind::Trip => crate::trips::of_booking(tx, booking.resource).await?.driver,
        _ => booking.beneficiary,
    };
    by.must_be_party(&booking, driver)?;
    Ok(booking)
}

/// Locks a booking for change. Its resources are locked first, always, by id: whoever books, frees or revives on them
/// waits. Which they are never changes.
pub(crate) async fn lock(tx: &mut Tx, id: BookingId) -> Result<Booking> {
    Ok(lock_all(tx, &[id]).await?.pop().ok_or(Refusal::NotFound)?)
}

/// The same for several, in the order of their ids.
pub(crate) async fn lock_all(tx: &mut Tx, ids: &[BookingId]) -> Result<Vec<Booking>> {
    let org = tx.org()?;
    let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
    sqlx::query!(
        "select id from resources
         where org_id = $1 and id in (select resource_id from bookings where org_id = $1 and id = any($2)
                                      union select resource_id from booking_items where org_id = $1 and booking_id = any($2))
         order by id for no key update",
        org.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    sqlx::query!("select id from bookings where org_id = $1 and id = any($2) order by id for update", org.0, &ids)
        .fetch_all(tx.conn())
        .await?;
    let rows = booking_rows!("and b.id = any($2) order by b.id", org.0, &ids).fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(Booking::try_from).collect::<Result<_, _>>()?)
}

/// Bookings of a locked trip that hold seats.
pub(crate) async fn active_of_trip(tx: &mut Tx, trip: ResourceId) -> Result<Vec<BookingId>> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select id as "id: BookingId" from bookings
           where org_id = $1 and resource_id = $2 and status in ('pending', 'approved', 'confirmed', 'in_use')
           order by id for update"#,
        org.0,
        trip.0
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Writes a locked booking as it is after a step, one version later, and records the step.
pub(crate) async fn store(tx: &mut Tx, before: &Booking, after: Booking) -> Result<Booking> {
    let after = store_quietly(tx, before, after).await?;
    let change = if before.status == after.status { Change::updated } else { Change::moved };
    tx.record(change("booking", before.id, before, &after));
    Ok(after)
}

/// The same for a step that says more about itself: its caller records it.
pub(super) async fn store_quietly(tx: &mut Tx, before: &Booking, mut after: Booking) -> Result<Booking> {
    let org = tx.org()?;
    after.version = before.version + 1;
    sqlx::query!(
        "update bookings set status = $3, payment_status = $4, hold_expires_at = $5, reason_code = $6, cancelled_at = $7,
                cancelled_by = case when $7::timestamptz is not null and cancelled_at is null then $8 else cancelled_by end,
                checked_in_at = $9, started_at = $10, ended_at = $11, version = $12, start_at = $13, end_at = $14,
                local_start = $15, local_end = $16, period = $17, quantity = $18, participants = $19, purpose = $20,
                note = $21, due_at = $22, overdue_at = $23, release_at = $24, cancellation_fee = $25
         where org_id = $1 and id = $2",
        org.0,
        before.id.0,
        after.status.code(),
        after.payment_status,
        after.hold_expires_at,
        after.reason_code,
        after.cancelled_at,
        tx.actor().user().map(Uuid::from),
        after.checked_in_at,
        after.started_at,
        after.ended_at,
        after.version,
        after.start_at,
        after.end_at,
        after.local.map(|(start, _)| start),
        after.local.map(|(_, end)| end),
        after.period.map(Period::code),
        after.quantity,
        after.participants,
        after.purpose,
        after.note,
        after.due_at,
        after.overdue_at,
        after.release_at,
        after.cancellation_fee.amount
    )
    .execute(tx.conn())
    .await?;
    Ok(after)
}

/// The same for several that became firm: who was given what, and until when, stays.
pub(super) async fn store_firm(tx: &mut Tx, firm: &[(&Booking, Booking)]) -> Result<()> {
    let org = tx.org()?;
    let ids: Vec<Uuid> = firm.iter().map(|(before, _)| before.id.into()).collect();
    let statuses: Vec<String> = firm.iter().map(|(_, after)| after.status.code().to_owned()).collect();
    let payment_statuses: Vec<String> = firm.iter().map(|(_, after)| after.payment_status.clone()).collect();
    let holds: Vec<_> = firm.iter().map(|(_, after)| after.hold_expires_at).collect();
    let releases: Vec<_> = firm.iter().map(|(_, after)| after.release_at).collect();
    let versions: Vec<i32> = firm.iter().map(|(_, after)| after.version).collect();
    sqlx::query!(
        "update bookings b set status = f.status, payment_status = f.payment_status, hold_expires_at = f.hold_expires_at,
                release_at = f.release_at, version = f.version
         from unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::int[])
              as f (id, status, payment_status, hold_expires_at, release_at, version)
         where b.org_id = $1 and b.id = f.id",
        org.0,
        &ids,
        &statuses,
        &payment_statuses,
        &holds as &[Option<DateTime<Utc>>],
        &releases as &[Option<DateTime<Utc>>],
        &versions
    )
    .execute(tx.conn())
    .await?;
    for (before, after) in firm {
        let change = if before.status == after.status { Change::updated } else { Change::moved };
        tx.record(change("booking", before.id, before, after));
    }
    Ok(())
}

/// Moves only how a booking's money stands.
pub(crate) async fn set_payment_status(tx: &mut Tx, id: BookingId, payment_status: &str) -> Result<Booking> {
    let before = lock(tx, id).await?;
    let after = Booking { payment_status: payment_status.into(), ..before.clone() };
    store(tx, &before, after).await
}

/// Writes what a draft comes to now that it is submitted or moved: its price and the rules it is made under.
pub(super) async fn store_terms(tx: &mut Tx, booking: &Booking, lines: serde_json::Value) -> Result<()> {
    let org = tx.org()?;
    let policy = serde_json::to_value(&booking.policy).map_err(|e| Fault::corrupt("policy", e))?;
    sqlx::query!(
        "update bookings set price = $3, currency = $4, price_lines = $5, policy_snapshot = $6 where org_id = $1 and id = $2",
        org.0,
        booking.id.0,
        booking.price.amount,
        booking.price.currency.code(),
        lines,
        policy
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
