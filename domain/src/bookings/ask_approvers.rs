//! Whoever may agree hears that something waits for them (G36): a request nobody knows of waits until its start, and then
//! ends. A draft waits for nobody.

use super::{Booking, Status, subject::Subject, subject_of};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    notifications::{About, NoticeKind, Told, tell_all},
    organizations::roles,
    permissions::Permission,
};
use serde_json::json;
use uuid::Uuid;

/// Most people asked about one booking.
const MOST_ASKED: i64 = 50;

/// Tells those who may agree, once a booking of things was placed and waits for them; other bookings tell nobody. Not by
/// text message: it is their work, and there may be much of it.
pub(crate) async fn ask_approvers(tx: &mut Tx, booking: &Booking) -> Result<()> {
    if booking.status != Status::Pending {
        return Ok(());
    }
    let Subject::Things(words) = subject_of(tx, booking).await? else { return Ok(()) }; // its driver was asked
    let payload = json!({
        "what": words.what,
        "start_at": booking.start_at,
        "end_at": booking.end_at,
        "timezone": booking.timezone.name(),
        "code": booking.code,
        "hold_expires_at": booking.hold_expires_at,
    });
    let kind = NoticeKind::ReservationToDecide;
    let about = About { kind, subject_type: "booking", subject_id: booking.id.into(), channels: &["push", "email"] };
    let told = |user: UserId| {
        let dedupe_key = format!("booking/{}/{}/{}/{user}", booking.id, kind.code(), booking.version);
        Told { user, payload: payload.clone(), dedupe_key }
    };
    let people = approvers(tx, booking).await?.into_iter().map(told).collect();
    tell_all(tx, &about, people).await?;
    Ok(())
}

/// Active people who may approve, by a role or by themselves; nobody is asked to agree with themselves.
async fn approvers(tx: &mut Tx, booking: &Booking) -> Result<Vec<UserId>> {
    let roles = roles::that_give(tx, Permission::BookingApprove).await?;
    let (org, parties) = (tx.org()?, [Uuid::from(booking.creator), Uuid::from(booking.beneficiary)]);
    Ok(sqlx::query_scalar!(
        r#"select m.user_id as "id: UserId" from memberships m
           join users u on u.id = m.user_id and u.status = 'active'
           where m.org_id = $1 and m.status = 'active' and m.user_id <> all($2)
             and (m.extra_permissions @> array[$3] or exists (select from membership_roles r
                  where r.org_id = m.org_id and r.user_id = m.user_id and r.role = any($4)))
           order by m.user_id limit $5"#,
        org.0,
        &parties,
        Permission::BookingApprove.code(),
        &roles,
        MOST_ASKED
    )
    .fetch_all(tx.conn())
    .await?)
}
