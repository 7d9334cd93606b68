//! What people hear about waiting: whoever waits, and whoever asked for them. The same facts for every message.

use crate::{
    bookings::Booking,
    db::Tx,
    error::Result,
    notifications::{self, Notice, NoticeKind},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// Tells both once about `about`; `more` are the facts of this kind alone.
pub(super) async fn tell(
    tx: &mut Tx,
    booking: &Booking,
    resource: &str,
    kind: NoticeKind,
    about: Uuid,
    more: &Value,
) -> Result<()> {
    let mut payload = json!({
        "resource": resource,
        "start_at": booking.start_at,
        "timezone": booking.timezone.name(),
        "code": booking.code,
    });
    for (name, fact) in more.as_object().into_iter().flatten() {
        payload[name] = fact.clone();
    }
    let mut people = vec![booking.beneficiary, booking.creator];
    people.dedup();
    for user in people {
        let dedupe_key = format!("waitlist/{}/{about}/{user}", kind.code());
        let (subject_id, payload) = (booking.id.into(), payload.clone());
        notifications::notify(tx, Notice { user, kind, subject_type: "booking", subject_id, payload, dedupe_key })
            .await?;
    }
    Ok(())
}
