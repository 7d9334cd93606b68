//! The accounts of an organization and what each holds (CX20). A balance reads as people say it: what an account of this
//! kind is for counts positive, whether the books call that debit or credit.

use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::AccountId,
    money::{Currency, Money},
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// An account and what it holds.
#[derive(Debug, Clone)]
pub struct AccountState {
    /// Its id.
    pub id: AccountId,
    /// Whose it is: `user`, `org` or `provider`.
    pub owner_type: String,
    /// The person, the organization or the account at a provider.
    pub owner_id: Uuid,
    /// What it is for, e.g. `escrow` (MODEL §7).
    pub kind: String,
    /// What it holds.
    pub balance: Money,
    /// When something was first posted to it.
    pub created_at: DateTime<Utc>,
}

/// Which accounts to read; unset means every one.
#[derive(Debug, Clone, Default)]
pub struct AccountFilter {
    /// One account.
    pub id: Option<AccountId>,
    /// `user`, `org` or `provider`; any of these, all when empty.
    pub owner_types: Vec<String>,
    /// Of this owner.
    pub owner_id: Option<Uuid>,
    /// What it is for.
    pub kind: Option<String>,
}

/// Whether what is debited to accounts of this kind is what they hold: money at a provider, what providers
/// charge and payers took back, what was given away.
fn is_debit(kind: &str) -> bool {
    matches!(kind, "provider" | "provider_fees" | "chargebacks" | "promo" | "tickets_issued")
}

/// A sum of entries as people read it on an account of this kind.
pub(super) fn as_read(kind: &str, entries: i64, currency: Currency) -> Money {
    Money { amount: if is_debit(kind) { entries } else { entries.saturating_neg() }, currency }
}

/// Accounts, the organization's own first.
///
/// # Errors
/// A fault when the database fails.
pub async fn accounts(tx: &mut Tx, filter: &AccountFilter, page: Page) -> Result<Listed<AccountState>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"with found as (
               select * from accounts
               where org_id = $1 and ($2::uuid is null or id = $2) and (cardinality($3::text[]) = 0 or owner_type = any($3))
                 and ($4::uuid is null or owner_id = $4) and ($5::text is null or kind = $5)),
           page as (select * from found order by owner_type, kind, currency, id limit $6 offset $7)
           select p.id, p.owner_type, p.owner_id, p.kind, p.currency, p.created_at, (select count(*) from found) as "total!",
                  coalesce(p.cached_balance, (select sum(e.amount) from entries e
                                              where e.org_id = p.org_id and e.account_id = p.id), 0)::bigint as "sum!"
           from page p order by p.owner_type, p.kind, p.currency, p.id"#,
        org.0,
        filter.id.map(Uuid::from),
        &filter.owner_types,
        filter.owner_id,
        filter.kind.as_deref(),
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let currency = row.currency.parse().map_err(|e| Fault::corrupt("accounts.currency", e))?;
        items.push(AccountState {
            id: row.id.into(),
            balance: as_read(&row.kind, row.sum, currency),
            owner_type: row.owner_type,
            owner_id: row.owner_id,
            kind: row.kind,
            created_at: row.created_at,
        });
    }
    Ok(Listed { items, total })
}

/// One account.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn account(tx: &mut Tx, id: AccountId) -> Result<AccountState> {
    let filter = AccountFilter { id: Some(id), ..AccountFilter::default() };
    let found = accounts(tx, &filter, Page { limit: 1, offset: 0 }).await?;
    Ok(found.items.into_iter().next().ok_or(Refusal::NotFound)?)
}
