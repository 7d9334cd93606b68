//! Payouts run by themselves, every day or every Monday, as the organization chose (K10).

use super::run;
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::{OperationId, OrgId},
    jobs::Payments,
    organizations::settings::{PayoutFrequency, Settings},
};
use chrono::{Datelike, NaiveDate, Weekday};

/// Asks for the run of today in every organization that has one. One day asks once, however often it is asked.
///
/// # Errors
/// A fault when the database fails.
pub async fn schedule(tx: &mut Tx) -> Result<usize> {
    let today = tx.now().date_naive();
    let organizations = sqlx::query!(
        r#"select id as "id: OrgId", settings from organizations
           where settings -> 'payout' ->> 'frequency' in ('daily', 'weekly') order by id"#
    )
    .fetch_all(tx.conn())
    .await?;
    let mut asked = 0;
    for organization in organizations {
        let settings: Settings =
            serde_json::from_value(organization.settings).map_err(|e| Fault::corrupt("organizations.settings", e))?;
        if falls_on(settings.payout.frequency, today) {
            tx.enqueue_for(organization.id, &Payments::RunPayouts { day: today });
            asked += 1;
        }
    }
    Ok(asked)
}

/// Opens the run of a day, unless it was opened.
///
/// # Errors
/// A fault when the database fails.
pub async fn run_of(tx: &mut Tx, day: NaiveDate) -> Result<Option<OperationId>> {
    let org = tx.org()?;
    let before = sqlx::query_scalar!(
        r#"select exists(select from operations where org_id = $1 and kind = 'payout_run' and actor_id is null
                         and created_at >= $2::date and created_at < $2::date + 1) as "yes!""#,
        org.0,
        day
    )
    .fetch_one(tx.conn())
    .await?;
    if before { Ok(None) } else { Ok(Some(run(tx).await?)) }
}

fn falls_on(frequency: PayoutFrequency, day: NaiveDate) -> bool {
    match frequency {
        PayoutFrequency::Asked => false,
        PayoutFrequency::Daily => true,
        PayoutFrequency::Weekly => day.weekday() == Weekday::Mon,
    }
}
