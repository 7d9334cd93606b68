//! A period that is closed is final: nothing is written into it any more (K2). What becomes known later is written today.

use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::*,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Serialize;

/// A period that was closed.
#[derive(Debug, Clone, Serialize)]
pub struct Closing {
    /// Its id.
    pub id: ClosingId,
    /// Everything that happened before is final.
    pub closed_before: DateTime<Utc>,
    /// When it was closed.
    pub created_at: DateTime<Utc>,
}

/// Closes everything before a day, in UTC. For good.
///
/// # Errors
/// [`Refusal::Invalid`] for a day after today; [`Refusal::PeriodClosed`] when it is closed already.
pub async fn close(tx: &mut Tx, before: NaiveDate) -> Result<Closing> {
    let (org, now) = (tx.org()?, tx.now());
    if before > now.date_naive() {
        return Err(Refusal::invalid("before", "must not be after today").into());
    }
    let closing =
        Closing { id: ClosingId::new(), closed_before: before.and_time(NaiveTime::MIN).and_utc(), created_at: now };
    let later = sqlx::query_scalar!(
        r#"select exists (select from ledger_closings where org_id = $1 and closed_before >= $2) as "later!""#,
        org.0,
        closing.closed_before
    )
    .fetch_one(tx.conn())
    .await?;
    if later {
        return Err(Refusal::PeriodClosed.into());
    }
    sqlx::query!(
        "insert into ledger_closings (org_id, id, closed_before, created_at) values ($1, $2, $3, $4)",
        org.0,
        closing.id.0,
        closing.closed_before,
        now
    )
    .execute(tx.conn())
    .await
    .refuse_on("ledger_closings_once", Refusal::PeriodClosed)?;
    tx.record(Change::created("ledger_closing", closing.id, &closing));
    Ok(closing)
}

/// What was closed, the latest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn closings(tx: &mut Tx, page: Page) -> Result<Listed<Closing>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select id as "id: ClosingId", closed_before, created_at, count(*) over () as "total!" from ledger_closings
           where org_id = $1 order by closed_before desc limit $2 offset $3"#,
        org.0,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let items = rows.into_iter();
    let items = items.map(|row| Closing { id: row.id, closed_before: row.closed_before, created_at: row.created_at });
    Ok(Listed { items: items.collect(), total })
}

/// When to say that something happened which becomes known now: then, unless that period is closed.
pub(crate) async fn open_time(tx: &mut Tx, happened: Option<DateTime<Utc>>) -> Result<DateTime<Utc>> {
    let (org, now) = (tx.org()?, tx.now());
    let Some(happened) = happened.filter(|at| *at < now) else { return Ok(now) };
    let closed = sqlx::query_scalar!(
        r#"select exists (select from ledger_closings where org_id = $1 and closed_before > $2) as "closed!""#,
        org.0,
        happened
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(if closed { now } else { happened })
}
