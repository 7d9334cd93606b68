//! The next bookings of a resource (F6): when, not whose. Whoever it is for sees that it is theirs.

use crate::{bookings::Status, db::Tx, error::Result, ids::*};
use chrono::{DateTime, Utc};

/// Most bookings told.
const MOST: i64 = 10;

/// A booking to come, or going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upcoming {
    /// Its id.
    pub id: BookingId,
    /// What people call it.
    pub code: String,
    /// Where it stands.
    pub status: Status,
    /// First instant.
    pub start_at: DateTime<Utc>,
    /// First instant after.
    pub end_at: DateTime<Utc>,
    /// How many units of the resource it has.
    pub quantity: i64,
    /// For whom it is.
    pub beneficiary: UserId,
}

/// The next bookings of a resource, the nearest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn upcoming(tx: &mut Tx, resource: ResourceId) -> Result<Vec<Upcoming>> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(sqlx::query_as!(
        Upcoming,
        r#"select b.id as "id: BookingId", b.code, b.status as "status: Status", b.start_at, b.end_at,
                  count(*) as "quantity!", b.beneficiary_user_id as "beneficiary: UserId"
           from booking_items i join bookings b on b.org_id = i.org_id and b.id = i.booking_id
           where i.org_id = $1 and i.resource_id = $2 and b.end_at > $3
             and b.status in ('pending', 'approved', 'confirmed', 'in_use')
             and not (b.status in ('pending', 'approved') and b.hold_expires_at <= $3)
           group by b.org_id, b.id order by b.start_at, b.id limit $4"#,
        org.0,
        resource.0,
        now,
        MOST
    )
    .fetch_all(tx.conn())
    .await?)
}
