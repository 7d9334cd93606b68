//! Asking for a file: the operation, its row and its job in one commit.

use super::{Asking, Subject};
use crate::{audit::Change, db::Tx, error::Result, ids::*, jobs::Maintenance, operations, payouts, refusals::Refusal};
use chrono::TimeDelta;
use serde_json::json;

/// Files of one person that are being written at one time.
const MOST_AT_ONCE: i64 = 2;
/// The longest span of a finance report.
const LONGEST: TimeDelta = TimeDelta::days(400);
/// Files of one person within a day.
const MOST_A_DAY: i64 = 50;

/// Opens the operation that writes a file for `user`. Who may ask for what about others is the door's to know, but for a
/// payout, whose own statement whoever is paid may have (`everybody` for who may see all payments).
///
/// # Errors
/// [`Refusal::Conflict`] with `report_in_progress` while two are being written, [`Refusal::RateLimited`] after fifty within a
/// day, [`Refusal::NotFound`] for a payout or a person nobody knows here, [`Refusal::Invalid`] for a finance report without a
/// beginning or longer than 400 days.
pub async fn ask(tx: &mut Tx, user: UserId, asking: &Asking, everybody: bool) -> Result<OperationId> {
    let (org, now, id) = (tx.org()?, tx.now(), ReportId::new());
    // one question at a time, so that they are counted exactly
    sqlx::query!("select user_id from memberships where org_id = $1 and user_id = $2 for no key update", org.0, user.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    let lately = sqlx::query!(
        r#"select count(*) filter (where r.created_at > $3) as "today!", count(*) filter (where o.finished_at is null) as "open!",
                  min(r.created_at) filter (where r.created_at > $3) as oldest
           from reports r join operations o on o.org_id = r.org_id and o.id = r.operation_id
           where r.org_id = $1 and r.user_id = $2 and (r.created_at > $3 or o.finished_at is null)"#,
        org.0,
        user.0,
        now - TimeDelta::days(1)
    )
    .fetch_one(tx.conn())
    .await?;
    if lately.open >= MOST_AT_ONCE {
        return Err(Refusal::Conflict { reason: "report_in_progress" }.into());
    }
    if lately.today >= MOST_A_DAY {
        let again = lately.oldest.unwrap_or(now) + TimeDelta::days(1) - now;
        return Err(Refusal::RateLimited { retry_after_seconds: again.num_seconds().max(1).unsigned_abs() }.into());
    }
    match &asking.subject {
        Subject::Payout { payout } => {
            payouts::statement(tx, *payout, user, everybody).await?;
        }
        Subject::Ledger { owner: Some(owner), .. } => known(tx, *owner).await?,
        Subject::Finance { .. } => {
            let from = asking.from.ok_or_else(|| Refusal::invalid("from", "say since when"))?;
            if asking.before.unwrap_or(now) - from > LONGEST {
                return Err(
                    Refusal::invalid("from", format!("at most {} days before the end", LONGEST.num_days())).into()
                );
            }
        }
        _ => {}
    }
    let operation = operations::open(tx, "report", "report", id.into()).await?;
    let asked = json!(asking);
    sqlx::query!(
        "insert into reports (org_id, id, user_id, operation_id, kind, format, asked) values ($1, $2, $3, $4, $5, $6, $7)",
        org.0,
        id.0,
        user.0,
        operation.0,
        asking.subject.code(),
        asking.format.code(),
        asked
    )
    .execute(tx.conn())
    .await?;
    tx.record(Change::created("report", id, json!({ "user_id": user, "asked": asked })));
    tx.enqueue(&Maintenance::WriteReport { operation });
    Ok(operation)
}

async fn known(tx: &mut Tx, person: UserId) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!("select user_id from memberships where org_id = $1 and user_id = $2", org.0, person.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    Ok(())
}
