//! How a booking came to where it stands (U7): a view over the audit trail, for its parties and for staff. There is no
//! second record that could tell another story.

use super::{Authority, find};
use crate::{db::Tx, error::Result, ids::*};
use chrono::{DateTime, Utc};

/// One move of a booking's status.
#[derive(Debug, Clone)]
pub struct Step {
    /// The event that tells it.
    pub id: AuditId,
    /// Where it stood; nowhere before it was made.
    pub from: Option<String>,
    /// Where it stands since.
    pub to: String,
    /// How its money stood then.
    pub payment_status: Option<String>,
    /// Why it was rejected or cancelled.
    pub reason: Option<String>,
    /// `user`, `admin`, `machine` or `system`.
    pub by: String,
    /// The person, where the reader may know: themselves, the other party, or anybody for staff.
    pub user: Option<UserId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Every move of a booking's status, the first first.
///
/// # Errors
/// [`crate::refusals::Refusal::NotFound`] for everybody but its parties and staff.
pub async fn history(tx: &mut Tx, by: Authority, id: BookingId) -> Result<Vec<Step>> {
    let booking = find(tx, by, id).await?;
    let driver = crate::trips::of_booking(tx, booking.resource).await.map(|trip| trip.driver).ok();
    let parties = [Some(booking.creator), Some(booking.beneficiary), driver];
    let org = tx.org()?;
    let mut steps = sqlx::query_as!(
        Step,
        r#"select id as "id: AuditId", before ->> 'status' as "from", after ->> 'status' as "to!",
                  after ->> 'payment_status' as payment_status, after ->> 'reason_code' as reason, actor_type as by,
                  actor_id as "user: UserId", created_at as at
           from audit_events
           where org_id = $1 and entity_id = $2 and entity_type = 'booking' and after ->> 'status' is not null
             and before ->> 'status' is distinct from after ->> 'status'
           order by id limit 500"#,
        org.0,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    if let Authority::Own(_) = by {
        for step in &mut steps {
            step.user = step.user.filter(|user| parties.contains(&Some(*user)));
        }
    }
    Ok(steps)
}
