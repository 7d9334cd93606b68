//! A driver who lets firm riders down at the last moment (L3): points, and a penalty that the next payout withholds.

use super::Trip;
use crate::{
    bookings,
    db::Tx,
    error::Result,
    ledger::postings,
    money::Money,
    notifications::{self, Notice, NoticeKind},
    organizations,
};
use chrono::TimeDelta;
use serde_json::json;

/// Charges the driver of a locked trip that is being cancelled, as the organization's settings say; once.
pub(super) async fn charge(tx: &mut Tx, trip: &Trip) -> Result<()> {
    let organization = organizations::load(tx).await?;
    let rules = organization.settings.driver_cancellation;
    let late = trip.departure_at - tx.now() < TimeDelta::minutes(rules.before_minutes.into());
    if !late || !somebody_is_firm(tx, trip).await? {
        return Ok(());
    }
    bookings::add_points(tx, trip.driver, rules.penalty_points).await?;
    let amount = Money { amount: rules.penalty, currency: organization.currency };
    if !postings::driver_penalty(tx, trip.id, trip.driver, amount).await? {
        return Ok(());
    }
    let notice = Notice {
        user: trip.driver,
        kind: NoticeKind::DriverPenalized,
        subject_type: "trip",
        subject_id: trip.id.into(),
        payload: json!({ "from": trip.origin.text, "to": trip.destination.text, "amount": amount.amount,
                         "currency": amount.currency }),
        dedupe_key: format!("trip/{}/driver_penalty", trip.id),
    };
    notifications::notify(tx, notice).await
}

async fn somebody_is_firm(tx: &mut Tx, trip: &Trip) -> Result<bool> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select exists (select from bookings where org_id = $1 and resource_id = $2 and status = 'confirmed') as "yes!""#,
        org.0,
        trip.id.0
    )
    .fetch_one(tx.conn())
    .await?)
}
