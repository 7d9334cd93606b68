//! A difference as it is kept: one ticket, however often it is seen.

use super::{books::About, compare::Difference};
use crate::{
    audit::Change,
    db::Tx,
    error::{Fault, Result},
    ids::*,
    money::Currency,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

/// How two sides may differ.
pub const KINDS: [&str; 6] = ["missing_here", "missing_there", "amount", "status", "fee", "timing"];

/// What may have become of a ticket.
pub const STATUSES: [&str; 4] = ["open", "applied", "dismissed", "gone"];

/// One difference.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    /// Its id.
    pub id: ReconciliationItemId,
    /// The run that saw it last.
    pub run: ReconciliationRunId,
    /// The account.
    pub account: ProviderAccountId,
    /// The day, in UTC.
    pub day: NaiveDate,
    /// One of [`KINDS`].
    pub kind: String,
    /// `payment/<id>`, or `ref/<the provider's reference>`.
    pub about: String,
    /// The payment it has to do with.
    pub payment: Option<PaymentId>,
    /// The provider's id of the checkout.
    pub checkout_ref: Option<String>,
    /// The provider's id of the movement.
    pub movement_ref: Option<String>,
    /// What the books say, in minor units: the fee for `fee`, else the amount, positive into the account.
    pub ours: Option<i64>,
    /// What the provider says.
    pub theirs: Option<i64>,
    /// What the provider charged, where it says so.
    pub their_fee: Option<i64>,
    /// Of both.
    pub currency: Currency,
    /// Where the payment stood.
    pub our_status: Option<String>,
    /// When the books have it.
    pub our_at: Option<DateTime<Utc>>,
    /// When the provider has it.
    pub their_at: Option<DateTime<Utc>>,
    /// What is proposed: `settle` by the ordinary rules, `adjust` against suspense, `adjust_fee`, or `accept`.
    pub proposal: String,
    /// One of [`STATUSES`].
    pub status: String,
    /// Why it was dismissed.
    pub reason: Option<String>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// For `ETag`.
    pub version: i32,
    /// When it was first seen.
    pub created_at: DateTime<Utc>,
}

/// Which tickets to list; unset means every one.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// One ticket.
    pub id: Option<ReconciliationItemId>,
    /// Of this account.
    pub account: Option<ProviderAccountId>,
    /// Of this day.
    pub day: Option<NaiveDate>,
    /// Of these kinds; all when empty.
    pub kinds: Vec<String>,
    /// In these statuses; all when empty.
    pub statuses: Vec<String>,
}

/// Tickets, the newest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, filter: &Filter, page: Page) -> Result<Listed<Item>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select id as "id: ReconciliationItemId", run_id as "run: ReconciliationRunId",
                  provider_account_id as "account: ProviderAccountId", day, kind, about, payment_id as "payment: PaymentId",
                  checkout_ref, movement_ref, ours, theirs, their_fee, currency, our_status, our_at, their_at, proposal, status, reason,
                  decided_at, version, created_at, count(*) over () as "total!"
           from reconciliation_items
           where org_id = $1 and ($2::uuid is null or id = $2) and ($3::uuid is null or provider_account_id = $3)
             and ($4::date is null or day = $4) and (cardinality($5::text[]) = 0 or kind = any ($5))
             and (cardinality($6::text[]) = 0 or status = any ($6))
           order by created_at desc, id limit $7 offset $8"#,
        org.0,
        filter.id.map(uuid::Uuid::from),
        filter.account.map(uuid::Uuid::from),
        filter.day,
        &filter.kinds,
        &filter.statuses,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(Item {
            id: row.id,
            run: row.run,
            account: row.account,
            day: row.day,
            kind: row.kind,
            about: row.about,
            payment: row.payment,
            checkout_ref: row.checkout_ref,
            movement_ref: row.movement_ref,
            ours: row.ours,
            theirs: row.theirs,
            their_fee: row.their_fee,
            currency: row.currency.parse().map_err(|e| Fault::corrupt("reconciliation_items.currency", e))?,
            our_status: row.our_status,
            our_at: row.our_at,
            their_at: row.their_at,
            proposal: row.proposal,
            status: row.status,
            reason: row.reason,
            decided_at: row.decided_at,
            version: row.version,
            created_at: row.created_at,
        });
    }
    Ok(Listed { items, total })
}

/// One ticket.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find(tx: &mut Tx, id: ReconciliationItemId) -> Result<Item> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    let found = list(tx, &filter, Page { limit: 1, offset: 0 }).await?;
    Ok(found.items.into_iter().next().ok_or(Refusal::NotFound)?)
}

/// A difference about to be kept.
pub(super) struct Found {
    pub kind: Difference,
    pub about: About,
    pub payment: Option<PaymentId>,
    pub our_status: Option<String>,
    pub checkout_ref: Option<String>,
    pub movement_ref: Option<String>,
    pub ours: i64,
    pub theirs: i64,
    pub their_fee: Option<i64>,
    pub our_at: Option<DateTime<Utc>>,
    pub their_at: Option<DateTime<Utc>>,
    pub proposal: &'static str,
}

/// Keeps a difference: a new ticket, or one that is opened again because its fix did not hold. Answers its status now.
pub(super) async fn keep(tx: &mut Tx, run: &super::Order, found: &Found) -> Result<(ReconciliationItemId, String)> {
    let (org, id) = (tx.org()?, ReconciliationItemId::new());
    let written = sqlx::query_scalar!(
        r#"insert into reconciliation_items as i
               (org_id, id, run_id, provider_account_id, day, kind, about, payment_id, checkout_ref, movement_ref, ours, theirs,
                currency, our_status, our_at, their_at, proposal, their_fee)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
           on conflict on constraint reconciliation_items_once do update
               set status = 'open', run_id = excluded.run_id, ours = excluded.ours, theirs = excluded.theirs,
                   their_fee = excluded.their_fee,
                   our_status = excluded.our_status, our_at = excluded.our_at, proposal = excluded.proposal,
                   decided_at = null, version = i.version + 1
               where i.status = 'gone' or i.status = 'applied' and i.kind <> 'timing'
           returning id as "id: ReconciliationItemId""#,
        org.0,
        id.0,
        run.run.0,
        run.account.id.0,
        run.day,
        found.kind.code(),
        found.about.code(),
        found.payment.map(uuid::Uuid::from),
        found.checkout_ref,
        found.movement_ref,
        found.ours,
        found.theirs,
        run.account.currency.code(),
        found.our_status,
        found.our_at,
        found.their_at,
        found.proposal,
        found.their_fee
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(written) = written {
        let item = find(tx, written).await?;
        let change = if written == id {
            Change::created("reconciliation_item", id, item)
        } else {
            Change::moved("reconciliation_item", written, serde_json::json!({ "status": "applied" }), item)
        };
        tx.record(change);
        return Ok((written, "open".into()));
    }
    let known = sqlx::query!(
        r#"select id as "id: ReconciliationItemId", status from reconciliation_items
           where org_id = $1 and provider_account_id = $2 and kind = $3 and about = $4"#,
        org.0,
        run.account.id.0,
        found.kind.code(),
        found.about.code()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((known.id, known.status))
}

/// Moves a ticket that is locked.
pub(super) async fn decide(tx: &mut Tx, before: &Item, status: &str, reason: Option<&str>) -> Result<Item> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update reconciliation_items set status = $3, reason = $4, decided_at = $5, version = version + 1
         where org_id = $1 and id = $2",
        org.0,
        before.id.0,
        status,
        reason,
        now
    )
    .execute(tx.conn())
    .await?;
    let after = find(tx, before.id).await?;
    tx.record(Change::moved("reconciliation_item", before.id, before, &after));
    Ok(after)
}
