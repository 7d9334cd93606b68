//! A fine comes into being, in the commit of what it is for.

use super::{Fine, Status};
use crate::{
    audit::Change,
    bookings::{Booking, Subject},
    db::Tx,
    error::Result,
    ids::FineId,
    inventory::words,
    money::Money,
    notifications::{self, Notice, NoticeKind},
};
use serde_json::json;

words! {
    /// What a fine is for.
    Reason, "reason" {
        /// A loan came back late.
        LateReturn = "late_return";
        /// Nobody came.
        NoShow = "no_show";
        /// Something came back broken.
        Damage = "damage";
        /// Something else.
        Other = "other";
    }
}

/// Charges the person a booking was for. What time decides is charged once (`fines_once`), whatever calls twice.
pub(crate) async fn charge(
    tx: &mut Tx,
    booking: &Booking,
    subject: &Subject,
    reason: Reason,
    amount: Money,
) -> Result<()> {
    let org = tx.org()?;
    let fine = Fine {
        id: FineId::new(),
        user: booking.beneficiary,
        booking: Some(booking.id),
        reason,
        note: None,
        amount,
        status: Status::Due,
        paid_at: None,
        waived_at: None,
        waived_by: None,
        waived_reason: None,
        version: 1,
        created_at: tx.now(),
    };
    let charged = sqlx::query!(
        "insert into fines (org_id, id, user_id, booking_id, reason, amount, currency, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
        org.0,
        fine.id.0,
        fine.user.0,
        booking.id.0,
        reason.code(),
        amount.amount,
        amount.currency.code(),
        fine.created_at
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if charged == 0 {
        return Ok(());
    }
    tx.record(Change::created("fine", fine.id, &fine));
    let what = match subject {
        Subject::Things(words) => words.what.clone(),
        Subject::Ride(trip) => format!("{} → {}", trip.origin.text, trip.destination.text),
    };
    let notice = Notice {
        user: fine.user,
        kind: NoticeKind::FineDue,
        subject_type: "fine",
        subject_id: fine.id.into(),
        payload: json!({ "what": what, "code": booking.code, "amount": amount.amount, "currency": amount.currency }),
        dedupe_key: format!("fine/{}/due", fine.id),
    };
    notifications::notify(tx, notice).await
}
