//! What timers and jobs may have lost is found again from the rows (MODEL §6, 5).

use crate::{db::Tx, error::Result, ids::*, jobs::Payments};
use chrono::TimeDelta;
use sqlx::postgres::types::PgInterval;

/// Nobody has looked at the payment for this long: longer than every regular pause between polls.
const QUIET: TimeDelta = TimeDelta::minutes(12);
/// An event is normally handled within a second.
const UNHANDLED: TimeDelta = TimeDelta::seconds(60);

/// Enqueues again whatever each silent payment needs next. Harmless where its own job lives: unique keys.
///
/// # Errors
/// A fault when the database fails.
pub async fn sweep_payments(tx: &mut Tx) -> Result<usize> {
    let silent = sqlx::query!(
        r#"select s.org_id as "org_id!: OrgId", s.payment_id as "payment_id!: PaymentId", s.purpose as "purpose!",
                  s.status as "status!"
           from silent_payments($1, 1000) s"#,
        interval(QUIET)
    )
    .fetch_all(tx.conn())
    .await?;
    for row in &silent {
        let payment = row.payment_id;
        let job = match (row.purpose.as_str(), row.status.as_str()) {
            ("refund", _) => Payments::SendRefund { payment },
            ("payout" | "withdrawal", _) => Payments::SendPayout { payment },
            (_, "created") => Payments::StartPayment { payment },
            _ => Payments::PollPayment { payment },
        };
        tx.enqueue_for(row.org_id, &job);
    }
    Ok(silent.len() + sweep_runs(tx).await?)
}

async fn sweep_runs(tx: &mut Tx) -> Result<usize> {
    let stopped = sqlx::query!(
        r#"select r.org_id as "org_id!: OrgId", r.operation_id as "operation_id!: OperationId"
           from unfinished_payout_runs($1, 1000) r"#,
        interval(QUIET)
    )
    .fetch_all(tx.conn())
    .await?;
    for run in &stopped {
        tx.enqueue_for(run.org_id, &Payments::BuildPayouts { operation: run.operation_id });
    }
    Ok(stopped.len())
}

/// Takes up stored events that nobody handled, and asks parked ones again.
///
/// # Errors
/// A fault when the database fails.
pub async fn sweep_events(tx: &mut Tx) -> Result<usize> {
    let waiting = sqlx::query!(
        r#"select e.org_id as "org_id!: OrgId", e.event_id as "event_id!: EventId" from waiting_events($1, 1000) e"#,
        interval(UNHANDLED)
    )
    .fetch_all(tx.conn())
    .await?;
    for row in &waiting {
        tx.enqueue_for(row.org_id, &Payments::SettleEvent { event: row.event_id });
    }
    Ok(waiting.len())
}

fn interval(span: TimeDelta) -> PgInterval {
    PgInterval { months: 0, days: 0, microseconds: span.num_microseconds().unwrap_or_default() }
}
