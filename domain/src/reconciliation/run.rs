//! One look at one day of one account.

use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::*,
    jobs::Payments,
    money::Money,
    paging::{Listed, Page},
    payments::{self, AccountRef, provider::CheckoutRef},
    refusals::Refusal,
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Serialize;

/// A look at one day of one account.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// Its id.
    pub id: ReconciliationRunId,
    /// The account.
    pub account: ProviderAccountId,
    /// The day, in UTC.
    pub day: NaiveDate,
    /// `list`, or `statuses` where the provider keeps no list and each payment was asked after; unset until it ended.
    pub source: Option<String>,
    /// Movements the provider told of that day.
    pub movements: i32,
    /// Differences that are open after it.
    pub found: i32,
    /// Fees it wrote down that nobody had told before.
    pub fees_learned: i32,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// Which runs to list; unset means every one.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// One run.
    pub id: Option<ReconciliationRunId>,
    /// Of this account.
    pub account: Option<ProviderAccountId>,
    /// Of this day.
    pub day: Option<NaiveDate>,
}

/// Whom to ask, about what.
#[derive(Debug, Clone)]
pub struct Order {
    /// The run it is for.
    pub run: ReconciliationRunId,
    /// Which account.
    pub account: AccountRef,
    /// Which day.
    pub day: NaiveDate,
    /// The payments of that day, for a provider that keeps no list.
    pub asked: Vec<Asked>,
}

impl Order {
    /// The days that are read: what happened around midnight stands on one side of it here and on the other there.
    #[must_use]
    pub fn window(&self) -> Vec<NaiveDate> {
        [self.day.pred_opt(), Some(self.day), self.day.succ_opt()].into_iter().flatten().collect()
    }
}

/// A payment that is asked after.
#[derive(Debug, Clone)]
pub enum Asked {
    /// Of a payer.
    Checkout(PaymentId, CheckoutRef),
    /// To somebody, of this amount.
    Payout(PaymentId, Money),
}

/// Asks for a look at a day that is over. One that waits already is answered again.
///
/// # Errors
/// [`Refusal::NotFound`] for an account that is not this organization's, [`Refusal::Invalid`] for a day that is not over.
pub async fn request(tx: &mut Tx, account: ProviderAccountId, day: NaiveDate) -> Result<Run> {
    let org = tx.org()?;
    sqlx::query_scalar!("select id from provider_accounts where org_id = $1 and id = $2", org.0, account.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    let earliest = tx.now().date_naive() - Days::new(3_660);
    if day >= tx.now().date_naive() || day < earliest {
        return Err(Refusal::invalid("day", "must be over, and within ten years").into());
    }
    let run = open(tx, account, day).await?;
    tx.enqueue(&Payments::ReconcileAccount { account, day });
    find_run(tx, run).await
}

/// The run that is under way for this day, or a new one.
async fn open(tx: &mut Tx, account: ProviderAccountId, day: NaiveDate) -> Result<ReconciliationRunId> {
    let (org, id) = (tx.org()?, ReconciliationRunId::new());
    let made = sqlx::query!(
        "insert into reconciliation_runs (org_id, id, provider_account_id, day) values ($1, $2, $3, $4)
         on conflict (org_id, provider_account_id, day) where finished_at is null do nothing",
        org.0,
        id.0,
        account.0,
        day
    )
    .execute(tx.conn())
    .await
    .refuse_on("reconciliation_runs_org_id_provider_account_id_fkey", Refusal::NotFound)?;
    if made.rows_affected() == 1 {
        let run = find_run(tx, id).await?;
        tx.record(Change::created("reconciliation_run", id, run));
        return Ok(id);
    }
    Ok(sqlx::query_scalar!(
        r#"select id as "id: ReconciliationRunId" from reconciliation_runs
           where org_id = $1 and provider_account_id = $2 and day = $3 and finished_at is null"#,
        org.0,
        account.0,
        day
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Whom to ask about this day of this account.
///
/// # Errors
/// A fault when the database fails.
pub async fn load(tx: &mut Tx, account: ProviderAccountId, day: NaiveDate) -> Result<Order> {
    let org = tx.org()?;
    let run = open(tx, account, day).await?;
    let (from, before) = span(day);
    let rows = sqlx::query!(
        r#"select id as "id: PaymentId", direction, provider_ref, amount from payments
           where org_id = $1 and provider_account_id = $2 and provider_ref is not null and purpose <> 'refund'
             and (created_at >= $3 and created_at < $4 or succeeded_at >= $3 and succeeded_at < $4)
           order by created_at, id"#,
        org.0,
        account.0,
        from,
        before
    )
    .fetch_all(tx.conn())
    .await?;
    let account = payments::account_of(tx, account).await?;
    let asked = rows.into_iter().map(|row| {
        let amount = Money { amount: row.amount, currency: account.currency };
        match row.provider_ref {
            Some(provider_ref) if row.direction == "in" => {
                Asked::Checkout(row.id, CheckoutRef { provider_ref, price: amount })
            }
            _ => Asked::Payout(row.id, amount),
        }
    });
    let asked = asked.collect();
    Ok(Order { run, account, day, asked })
}

/// From the first instant of a day to the first after it.
pub(super) fn span(day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
    let from = day.and_time(chrono::NaiveTime::MIN).and_utc();
    (from, from + chrono::TimeDelta::days(1))
}

/// Runs, the newest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn runs(tx: &mut Tx, filter: &RunFilter, page: Page) -> Result<Listed<Run>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select id as "id: ReconciliationRunId", provider_account_id as "account: ProviderAccountId", day, source, movements,
                  found, fees_learned, finished_at, created_at, count(*) over () as "total!"
           from reconciliation_runs
           where org_id = $1 and ($2::uuid is null or id = $2) and ($3::uuid is null or provider_account_id = $3)
             and ($4::date is null or day = $4)
           order by created_at desc, id limit $5 offset $6"#,
        org.0,
        filter.id.map(uuid::Uuid::from),
        filter.account.map(uuid::Uuid::from),
        filter.day,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let items = rows.into_iter().map(|row| Run {
        id: row.id,
        account: row.account,
        day: row.day,
        source: row.source,
        movements: row.movements,
        found: row.found,
        fees_learned: row.fees_learned,
        finished_at: row.finished_at,
        created_at: row.created_at,
    });
    Ok(Listed { items: items.collect(), total })
}

/// One run.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find_run(tx: &mut Tx, id: ReconciliationRunId) -> Result<Run> {
    let filter = RunFilter { id: Some(id), ..RunFilter::default() };
    let found = runs(tx, &filter, Page { limit: 1, offset: 0 }).await?;
    Ok(found.items.into_iter().next().ok_or(Refusal::NotFound)?)
}
