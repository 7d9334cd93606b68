//! What people keep with us (K1–K7): filled through a provider, paid from at once, and withdrawn to a number they proved
//! to be theirs. A wallet is an account of the books; the database refuses one that would be overdrawn.

mod adjust;
mod withdraw;

pub use adjust::{Adjustment, AdjustmentFilter, AdjustmentStatus, NewAdjustment, adjust, adjustments, decide, reverse};
pub(crate) use withdraw::end_withdrawal;
pub use withdraw::withdraw;

use crate::{
    db::Tx,
    error::Result,
    ids::UserId,
    money::{Currency, Money},
    notifications::{self, Notice, NoticeKind},
    organizations,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

/// A person's wallet in one currency.
#[derive(Debug, Clone)]
pub struct Wallet {
    /// What is in it; zero before the first movement (K1).
    pub balance: Money,
    /// When something last moved.
    pub updated_at: Option<DateTime<Utc>>,
    /// Whether it can be filled and paid from here (K26).
    pub enabled: bool,
}

/// A person's wallet; in the organization's own currency unless another is named.
///
/// # Errors
/// A fault when the database fails.
pub async fn of(tx: &mut Tx, user: UserId, currency: Option<Currency>) -> Result<Wallet> {
    let organization = organizations::load(tx).await?;
    let (org, currency) = (tx.org()?, currency.unwrap_or(organization.currency));
    let row = sqlx::query!(
        r#"select -a.cached_balance as "balance!", (select max(e.created_at) from entries e
                                                    where e.org_id = a.org_id and e.account_id = a.id) as updated_at
           from accounts a
           where a.org_id = $1 and a.owner_type = 'user' and a.owner_id = $2 and a.kind = 'wallet' and a.currency = $3"#,
        org.0,
        user.0,
        currency.code()
    )
    .fetch_optional(tx.conn())
    .await?;
    let (amount, updated_at) = row.map_or((0, None), |row| (row.balance, row.updated_at));
    Ok(Wallet { balance: Money { amount, currency }, updated_at, enabled: organization.settings.enable_wallet })
}

/// Refuses what an organization without wallets does not do (K26).
pub(crate) async fn must_be_on(tx: &mut Tx) -> Result<()> {
    match organizations::load(tx).await?.settings.enable_wallet {
        true => Ok(()),
        false => Err(Refusal::Conflict { reason: "wallet_disabled" }.into()),
    }
}

/// Tells somebody that money is in their wallet, because of this.
pub(crate) async fn tell_credited(tx: &mut Tx, user: UserId, amount: Money, of: (&'static str, Uuid)) -> Result<()> {
    let (subject_type, subject_id) = of;
    let notice = Notice {
        user,
        kind: NoticeKind::WalletCredited,
        subject_type,
        subject_id,
        payload: json!({ "amount": amount.amount, "currency": amount.currency }),
        dedupe_key: format!("{subject_type}/{subject_id}/credited/{user}"),
    };
    notifications::notify(tx, notice).await
}

/// Holds back whoever else moves this wallet until this transaction ends.
async fn lock(tx: &mut Tx, user: UserId, currency: Currency) -> Result<()> {
    let org = tx.org()?;
    sqlx::query_scalar!(
        "select id from accounts where org_id = $1 and owner_type = 'user' and owner_id = $2 and kind = 'wallet'
                and currency = $3 for no key update",
        org.0,
        user.0,
        currency.code()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::InsufficientFunds)?;
    Ok(())
}
