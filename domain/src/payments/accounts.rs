//! Our accounts at providers, and where their secrets are (J18, SN39, SN50).

use super::AccountState;
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    money::{Currency, Money},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};

/// One account at a provider. Its secrets live in the environment, under the names `secret_ref` begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRef {
    /// Its id; webhooks name it in their path.
    pub id: ProviderAccountId,
    /// Whose it is.
    pub org: OrgId,
    /// Which provider, e.g. `wave`.
    pub provider: String,
    /// Prefix of the variables that hold its secrets, e.g. `WAVE`.
    pub secret_ref: String,
    /// What it holds.
    pub currency: Currency,
    /// How the provider answers, as far as it is known here.
    pub state: AccountState,
    /// `live`, or `test` where no money moves; the same for everything of its organization (SN50).
    pub mode: String,
}

/// An account in use, as far as its secrets are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRef {
    /// Which provider.
    pub provider: String,
    /// Prefix of the variables that hold its secrets.
    pub secret_ref: String,
    /// What it holds.
    pub currency: Currency,
    /// `live` or `test`: its secrets must be of the same kind (SN50).
    pub mode: String,
}

/// The account a webhook names, in whatever organization.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn locate_account(tx: &mut Tx, id: ProviderAccountId) -> Result<AccountRef> {
    let row = sqlx::query!(
        r#"select org_id as "org_id!: OrgId", provider as "provider!", secret_ref as "secret_ref!", currency as "currency!",
                  mode as "mode!"
           from locate_provider_account($1)"#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    let currency = row.currency.parse().map_err(|e| Fault::corrupt("provider_accounts.currency", e))?;
    let state = AccountState::Up; // who calls us is not asked
    let (org, provider, secret_ref) = (row.org_id, row.provider, row.secret_ref);
    Ok(AccountRef { id, org, provider, secret_ref, currency, state, mode: row.mode })
}

/// What an unsigned callback's address was made of (PROVIDERS §9.1).
#[derive(Debug, Clone)]
pub struct CallbackRef {
    /// Whose the payment is.
    pub org: OrgId,
    /// Through which account it is made.
    pub account: ProviderAccountId,
    /// Which provider may call.
    pub provider: String,
    /// What is paid.
    pub price: Money,
    /// When the payment was opened.
    pub opened_at: DateTime<Utc>,
    /// SHA-256 of the word the callback must repeat, once the provider told one.
    pub digest: Option<Vec<u8>>,
    /// Business time.
    pub now: DateTime<Utc>,
}

/// The payment a callback names, in whatever organization.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn locate_callback(tx: &mut Tx, payment: PaymentId) -> Result<CallbackRef> {
    let row = sqlx::query!(
        r#"select org_id as "org!: OrgId", account_id as "account!: ProviderAccountId", provider as "provider!",
                  amount as "amount!", currency as "currency!", created_at as "opened_at!", digest, now as "now!"
           from locate_callback($1)"#,
        payment.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    let currency = row.currency.parse().map_err(|e| Fault::corrupt("payments.currency", e))?;
    Ok(CallbackRef {
        org: row.org,
        account: row.account,
        provider: row.provider,
        price: Money { amount: row.amount, currency },
        opened_at: row.opened_at,
        digest: row.digest,
        now: row.now,
    })
}

/// Every account in use, so that a process refuses to start without the secrets of one of them.
///
/// # Errors
/// A fault when the database fails.
pub async fn secret_refs(tx: &mut Tx) -> Result<Vec<SecretRef>> {
    let rows = sqlx::query!(
        r#"select provider as "provider!", secret_ref as "secret_ref!", currency as "currency!", mode as "mode!"
           from provider_secret_refs()"#
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency = row.currency.parse().map_err(|e| Fault::corrupt("provider_accounts.currency", e))?;
            Ok(SecretRef { provider: row.provider, secret_ref: row.secret_ref, currency, mode: row.mode })
        })
        .collect()
}

/// The account this organization uses for a method and a currency.
pub(crate) async fn account_for(tx: &mut Tx, method: &str, currency: Currency) -> Result<AccountRef> {
    let org = tx.org()?;
    let row = sqlx::query!(
        r#"select id as "id: ProviderAccountId", provider, secret_ref, status, mode from provider_accounts
           where org_id = $1 and provider = $2 and currency = $3
             and (status in ('up', 'degraded') or status = 'down' and updated_at <= app_now() - $4::interval)
           order by status = 'up' desc, status = 'degraded' desc, created_at limit 1"#,
        org.0,
        method,
        currency.code(),
        super::health::rest()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Refusal::MethodUnavailable { method: method.into() })?;
    let state = AccountState::read(&row.status);
    let (id, provider, secret_ref) = (row.id, row.provider, row.secret_ref);
    Ok(AccountRef { id, org, provider, secret_ref, currency, state, mode: row.mode })
}

/// The account a payment was made with.
pub(crate) async fn account_of(tx: &mut Tx, id: ProviderAccountId) -> Result<AccountRef> {
    let org = tx.org()?;
    let row = sqlx::query!(
        "select provider, secret_ref, currency, status, mode from provider_accounts where org_id = $1 and id = $2",
        org.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    let currency = row.currency.parse().map_err(|e| Fault::corrupt("provider_accounts.currency", e))?;
    let state = AccountState::read(&row.status);
    let (provider, secret_ref, mode) = (row.provider, row.secret_ref, row.mode);
    Ok(AccountRef { id, org, provider, secret_ref, currency, state, mode })
}
