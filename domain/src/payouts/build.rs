//! Collects what each driver is owed into a payout (K9). One driver, one transaction; a run that dies half way is
//! taken up where it stopped, because what is in a payout is no longer owed.

use super::send;
use crate::{
    db::Tx,
    error::{Fault, Result},
    fines, identity,
    ids::*,
    jobs::Payments,
    kyc,
    ledger::{Account, Kind, postings},
    money::{Currency, Money},
    operations, organizations,
    payments::{self, NewRow},
};
use uuid::Uuid;

/// Drivers who are owed enough and can be reached: those who cannot be paid are not walked over again and again.
///
/// # Errors
/// A fault when the database fails.
pub async fn candidates(tx: &mut Tx) -> Result<Vec<UserId>> {
    let org = tx.org()?;
    let organization = organizations::load(tx).await?;
    let least = organization.settings.payout.minimum.max(1);
    Ok(sqlx::query_scalar!(
        r#"select a.owner_id as "user: UserId" from accounts a
           join payout_destinations d on d.org_id = a.org_id and d.user_id = a.owner_id and d.replaced_at is null
                                     and d.verified_at is not null
           where a.org_id = $1 and a.owner_type = 'user' and a.kind = 'earnings' and a.currency = $2
             and a.cached_balance <= -$3::bigint
           order by a.owner_id"#,
        org.0,
        organization.currency.code(),
        least
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Builds one driver's payout, less the fines they owe (K15), if there is enough and they may receive it. The driver's account
/// is locked, so that two runs at once do not collect the same earnings.
///
/// # Errors
/// A fault when the database fails.
pub async fn build_for(tx: &mut Tx, operation: OperationId, driver: UserId) -> Result<Option<PaymentId>> {
    let organization = organizations::load(tx).await?;
    let policy = organization.settings.payout;
    let Some(due) = due(tx, driver, organization.currency).await? else { return Ok(None) };
    if due.total.amount < policy.minimum.max(1) {
        return Ok(None);
    }
    if policy.requires_kyc && !kyc::is_approved(tx, driver).await? {
        return Ok(None);
    }
    let Some(destination) = identity::usable_destination(tx, driver).await? else { return Ok(None) };
    let account = payments::account_for(tx, &destination.method, due.total.currency).await?;
    let id = PaymentId::new();
    let row = NewRow {
        direction: "out",
        purpose: "payout",
        subject_type: "user",
        subject_id: driver.into(),
        user: Some(driver),
        method: &destination.method,
        provider_account: Some(account.id),
        provider_ref: None,
        amount: due.total,
        status: "scheduled",
        payer_phone: None,
        return_url: None,
        destination: Some(destination.id),
        operation: Some(operation),
        parent: None,
    };
    payments::insert(tx, id, row).await?;
    add_lines(tx, id, &due.entries).await?;
    postings::payout_scheduled(tx, id, Account::User(driver, Kind::Earnings), due.total).await?;
    tx.enqueue(&Payments::SendPayout { payment: id });
    Ok(Some(id))
}

struct Due {
    entries: Vec<Uuid>,
    total: Money,
}

async fn due(tx: &mut Tx, driver: UserId, currency: Currency) -> Result<Option<Due>> {
    let org = tx.org()?;
    let account = sqlx::query!(
        "select id, cached_balance from accounts where org_id = $1 and owner_type = 'user' and owner_id = $2 and kind = 'earnings'
                and currency = $3 for no key update",
        org.0,
        driver.0,
        currency.code()
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(account) = account else { return Ok(None) };
    let earned = Money { amount: -account.cached_balance.unwrap_or_default(), currency };
    fines::withhold(tx, driver, earned).await?;
    let open = sqlx::query!(
        "select e.id, e.amount from entries e
         join ledger_transactions t on t.org_id = e.org_id and t.id = e.transaction_id
         where e.org_id = $1 and e.account_id = $2 and t.kind in ('booking_completed', 'driver_penalty', 'fine_withheld')
           and not exists (select from payout_lines l where l.org_id = e.org_id and l.entry_id = e.id
                           and l.released_at is null)
         order by e.id",
        org.0,
        account.id
    )
    .fetch_all(tx.conn())
    .await?;
    let total = Money { amount: open.iter().map(|entry| -entry.amount).sum(), currency };
    Ok(Some(Due { entries: open.into_iter().map(|entry| entry.id).collect(), total }))
}

async fn add_lines(tx: &mut Tx, payout: PaymentId, entries: &[Uuid]) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "insert into payout_lines (org_id, payout_id, entry_id) select $1, $2, entry from unnest($3::uuid[]) as entry",
        org.0,
        payout.0,
        entries
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Every driver was looked at: the operation waits for the provider, or ends when nothing is under way.
///
/// # Errors
/// A fault when the database fails.
pub async fn finish_build(tx: &mut Tx, operation: OperationId) -> Result<()> {
    let state = operations::find(tx, operation).await?;
    if state.is_final() {
        return Ok(());
    }
    if state.steps.as_array().ok_or_else(|| Fault::corrupt("operation", "steps"))?.is_empty() {
        operations::advance(tx, operation, "payouts_built", Some("provider")).await?;
    }
    send::finish_run(tx, operation).await
}
