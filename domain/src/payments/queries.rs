//! Reads shared by the operations on payments, and the one way to move a payment's status.

use super::WALLET;
use crate::{
    audit::Change,
    db::Tx,
    error::{Fault, Result},
    ids::*,
    ledger::{Account, Kind},
    money::Money,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// A movement of money that needs a provider.
#[derive(Debug, Clone, Serialize)]
pub struct Payment {
    /// Its id; also the reference the provider echoes.
    pub id: PaymentId,
    /// `in` or `out`.
    pub direction: String,
    /// `booking`, `refund`, `payout` …
    pub purpose: String,
    /// What kind of thing is paid.
    pub subject_type: String,
    /// What is paid.
    pub subject_id: Uuid,
    /// Who pays or is paid.
    pub user: Option<UserId>,
    /// `wave`, `orange`, `mtn` …
    pub method: String,
    /// Through which of our accounts.
    pub provider_account: Option<ProviderAccountId>,
    /// The provider's id of the checkout or payout.
    pub provider_ref: Option<String>,
    /// The provider's id of the money movement; of one made by hand, the reference a person gave.
    pub transaction_ref: Option<String>,
    /// The idempotency key given to the provider.
    #[serde(skip)]
    pub provider_key: String,
    /// How much.
    pub amount: Money,
    /// What the provider charged us for it.
    pub fees: i64,
    /// `created`, `submitted`, `authorized`, `succeeded`, `failed`, `expired`, `unknown`; outward `scheduled`,
    /// `processing`, `manual`, `succeeded`, `failed` (SN5).
    pub status: String,
    /// E.164 number of the wallet that is asked.
    #[serde(skip)]
    pub payer_phone: Option<String>,
    /// Where the payer's browser returns to.
    #[serde(skip)]
    pub return_url: Option<String>,
    /// What the payer must do: `{type: "redirect", redirect_url}`.
    pub next_action: Option<Value>,
    /// Where a payout goes.
    #[serde(skip)]
    pub destination: Option<DestinationId>,
    /// The operation that waits for it.
    #[serde(skip)]
    pub operation: Option<OperationId>,
    /// When the provider closes it unpaid.
    pub expires_at: Option<DateTime<Utc>>,
    /// The payment this one refunds.
    pub parent: Option<PaymentId>,
    /// Why it failed or needs a person.
    pub failure_code: Option<String>,
    /// Calls begun so far.
    #[serde(skip)]
    pub attempts: i32,
    /// Who said that they sent it by hand, while a second person has yet to confirm (SN25).
    pub stated_by: Option<UserId>,
    /// Under which reference they sent it.
    pub stated_ref: Option<String>,
    /// When it succeeded.
    pub succeeded_at: Option<DateTime<Utc>>,
    /// For `ETag`.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Payment {
    /// The provider has not said its last word.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "created" | "submitted" | "authorized" | "scheduled" | "processing")
    }

    /// Where its money came from or goes to: our account at a provider, or its person's wallet.
    pub(crate) fn source(&self) -> Result<Account> {
        match self.user {
            Some(user) if self.method == WALLET => Ok(Account::User(user, Kind::Wallet)),
            _ => Ok(Account::Provider(self.account()?)),
        }
    }

    /// The account it was made with.
    pub(crate) fn account(&self) -> Result<ProviderAccountId> {
        self.provider_account.ok_or_else(|| Fault::corrupt("payments", "no provider account").into())
    }
}

struct Row {
    id: Uuid,
    direction: String,
    purpose: String,
    subject_type: String,
    subject_id: Uuid,
    user_id: Option<Uuid>,
    method: String,
    provider_account_id: Option<Uuid>,
    provider_ref: Option<String>,
    transaction_ref: Option<String>,
    provider_key: String,
    amount: i64,
    currency: String,
    fees: i64,
    status: String,
    payer_phone: Option<String>,
    return_url: Option<String>,
    next_action: Option<Value>,
    destination_id: Option<Uuid>,
    operation_id: Option<Uuid>,
    expires_at: Option<DateTime<Utc>>,
    parent_id: Option<Uuid>,
    failure_code: Option<String>,
    attempts: i32,
    stated_by: Option<Uuid>,
    stated_ref: Option<String>,
    succeeded_at: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Payment {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        let currency = row.currency.parse().map_err(|e| Fault::corrupt("payments.currency", e))?;
        Ok(Self {
            id: row.id.into(),
            direction: row.direction,
            purpose: row.purpose,
            subject_type: row.subject_type,
            subject_id: row.subject_id,
            user: row.user_id.map(UserId),
            method: row.method,
            provider_account: row.provider_account_id.map(ProviderAccountId),
            provider_ref: row.provider_ref,
            transaction_ref: row.transaction_ref,
            provider_key: row.provider_key,
            amount: Money { amount: row.amount, currency },
            fees: row.fees,
            status: row.status,
            payer_phone: row.payer_phone,
            return_url: row.return_url,
            next_action: row.next_action,
            destination: row.destination_id.map(DestinationId),
            operation: row.operation_id.map(OperationId),
            expires_at: row.expires_at,
            parent: row.parent_id.map(PaymentId),
            failure_code: row.failure_code,
            attempts: row.attempts,
            stated_by: row.stated_by.map(UserId),
            stated_ref: row.stated_ref,
            succeeded_at: row.succeeded_at,
            version: row.version,
            created_at: row.created_at,
        })
    }
}

macro_rules! payment_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            "select id, direction, purpose, subject_type, subject_id, user_id, method, provider_account_id, provider_ref,
                    transaction_ref, provider_key, amount, currency, fees, status, payer_phone,
                    return_url, next_action,
                    destination_id, operation_id, expires_at, parent_id, failure_code, attempts, stated_by, stated_ref,
                    succeeded_at, version,
                    created_at
             from payments where org_id = $1 " + $tail,
            $($argument),*
        )
    };
}

/// The payment with this id, whoever asks: the door checks who may see it.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find(tx: &mut Tx, id: PaymentId) -> Result<Payment> {
    let org = tx.org()?;
    let row = payment_rows!("and id = $2", org.0, id.0).fetch_optional(tx.conn()).await?.ok_or(Refusal::NotFound)?;
    Ok(row.try_into()?)
}

/// Locks a payment and reads it as whoever held it before has left it. Whoever locks a payment and a booking locks the
/// payment first.
pub(crate) async fn lock(tx: &mut Tx, id: PaymentId) -> Result<Payment> {
    let org = tx.org()?;
    let row = payment_rows!("and id = $2 for update", org.0, id.0);
    let row = row.fetch_optional(tx.conn()).await?.ok_or(Refusal::NotFound)?;
    Ok(row.try_into()?)
}

/// Locks those of several payments that are open, in the order of their ids; the others are left to whoever needs them.
pub(super) async fn lock_open(tx: &mut Tx, ids: &[PaymentId]) -> Result<Vec<Payment>> {
    let org = tx.org()?;
    let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
    let rows = payment_rows!(
        "and id = any($2) and status in ('created', 'submitted', 'authorized') order by id for update",
        org.0,
        &ids
    );
    let rows = rows.fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(Payment::try_from).collect::<Result<_, _>>()?)
}

/// Which payments to list (J17).
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this person's.
    pub user: Option<UserId>,
    /// Only these statuses; all when empty.
    pub statuses: Vec<String>,
    /// Only this purpose.
    pub purpose: Option<String>,
    /// Only this method.
    pub method: Option<String>,
    /// Rows to skip.
    pub offset: i64,
    /// Rows to give.
    pub limit: i64,
}

/// Payments, newest first, with the number of all that fit.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, filter: Filter) -> Result<(Vec<Payment>, i64)> {
    let org = tx.org()?;
    let user = filter.user.map(|user| user.0);
    let rows = payment_rows!(
        "and ($2::uuid is null or user_id = $2) and (cardinality($3::text[]) = 0 or status = any($3))
           and ($4::text is null or purpose = $4) and ($5::text is null or method = $5)
         order by created_at desc, id limit $6 offset $7",
        org.0,
        user,
        &filter.statuses,
        filter.purpose,
        filter.method,
        filter.limit,
        filter.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from payments
           where org_id = $1 and ($2::uuid is null or user_id = $2) and (cardinality($3::text[]) = 0 or status = any($3))
             and ($4::text is null or purpose = $4) and ($5::text is null or method = $5)"#,
        org.0,
        user,
        &filter.statuses,
        filter.purpose,
        filter.method
    )
    .fetch_one(tx.conn())
    .await?;
    let payments = rows.into_iter().map(|row| Ok(Payment::try_from(row)?)).collect::<Result<Vec<_>>>()?;
    Ok((payments, total))
}

/// Moves a locked payment to another status and records it.
pub(crate) async fn set_status(tx: &mut Tx, before: &Payment, after: Payment) -> Result<Payment> {
    let after = stepped(tx, before, after);
    write_status(tx, std::slice::from_ref(&after)).await?;
    tell_status(tx, before, &after);
    Ok(after)
}

/// The same for several at once: each as it was, and as it is to be.
pub(super) async fn set_status_all(tx: &mut Tx, moved: Vec<(&Payment, Payment)>) -> Result<Vec<Payment>> {
    let (befores, afters): (Vec<_>, Vec<_>) = moved.into_iter().unzip();
    let afters: Vec<Payment> = befores.iter().zip(afters).map(|(before, after)| stepped(tx, before, after)).collect();
    write_status(tx, &afters).await?;
    befores.iter().zip(&afters).for_each(|(before, after)| tell_status(tx, before, after));
    Ok(afters)
}

fn stepped(tx: &Tx, before: &Payment, after: Payment) -> Payment {
    let now_paid = after.status == "succeeded" && before.status != "succeeded";
    let succeeded_at = if now_paid { Some(tx.now()) } else { after.succeeded_at };
    Payment { version: before.version + 1, succeeded_at, ..after }
}

async fn write_status(tx: &mut Tx, afters: &[Payment]) -> Result<()> {
    let org = tx.org()?;
    let ids: Vec<Uuid> = afters.iter().map(|after| after.id.into()).collect();
    let statuses: Vec<String> = afters.iter().map(|after| after.status.clone()).collect();
    let provider_refs: Vec<_> = afters.iter().map(|after| after.provider_ref.clone()).collect();
    let transaction_refs: Vec<_> = afters.iter().map(|after| after.transaction_ref.clone()).collect();
    let next_actions: Vec<_> = afters.iter().map(|after| after.next_action.clone()).collect();
    let expiries: Vec<_> = afters.iter().map(|after| after.expires_at).collect();
    let failures: Vec<_> = afters.iter().map(|after| after.failure_code.clone()).collect();
    let fees: Vec<i64> = afters.iter().map(|after| after.fees).collect();
    let successes: Vec<_> = afters.iter().map(|after| after.succeeded_at).collect();
    let versions: Vec<i32> = afters.iter().map(|after| after.version).collect();
    sqlx::query!(
        "update payments p set status = m.status, provider_ref = m.provider_ref, transaction_ref = m.transaction_ref,
                next_action = m.next_action, expires_at = m.expires_at, failure_code = m.failure_code, fees = m.fees,
                succeeded_at = m.succeeded_at, version = m.version
         from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::timestamptz[], $8::text[], $9::bigint[],
                     $10::timestamptz[], $11::int[])
              as m (id, status, provider_ref, transaction_ref, next_action, expires_at, failure_code, fees, succeeded_at, version)
         where p.org_id = $1 and p.id = m.id",
        org.0,
        &ids,
        &statuses,
        &provider_refs as &[Option<String>],
        &transaction_refs as &[Option<String>],
        &next_actions as &[Option<Value>],
        &expiries as &[Option<DateTime<Utc>>],
        &failures as &[Option<String>],
        &fees,
        &successes as &[Option<DateTime<Utc>>],
        &versions
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn tell_status(tx: &mut Tx, before: &Payment, after: &Payment) {
    let change = if before.status == after.status { Change::updated } else { Change::moved };
    tx.record(change("payment", before.id, before, after));
    if before.status == after.status {
        return;
    }
    let (purpose, status) = (after.purpose.clone(), after.status.clone());
    metrics::counter!("payments_moved_total", "purpose" => purpose, "status" => status).increment(1);
    if after.direction == "in" && !after.is_open() {
        let (method, status) = (after.method.clone(), after.status.clone());
        metrics::counter!("payments_ended_total", "method" => method, "status" => status).increment(1);
    }
}

/// Notes that a call to the provider begins, before it does: a later attempt knows that an earlier one may have
/// reached the provider.
pub(crate) async fn begin_attempt(tx: &mut Tx, payment: &Payment) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!("update payments set attempts = attempts + 1 where org_id = $1 and id = $2", org.0, payment.id.0)
        .execute(tx.conn())
        .await?;
    let call = if payment.direction == "in" { "collect" } else { payment.purpose.as_str() };
    note_call(tx, payment.id, call).await
}

/// Notes that the provider is called now, for whoever asks later what happened (CX40).
pub(super) async fn note_call(tx: &mut Tx, id: PaymentId, call: &str) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update payments set calls = calls || jsonb_build_object('call', $3::text, 'at', $4::timestamptz)
         where org_id = $1 and id = $2",
        org.0,
        id.0,
        call,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A payment about to be written.
pub(crate) struct NewRow<'a> {
    pub direction: &'a str,
    pub purpose: &'a str,
    pub subject_type: &'a str,
    pub subject_id: Uuid,
    pub user: Option<UserId>,
    pub method: &'a str,
    /// None when the money is in the house: a wallet's.
    pub provider_account: Option<ProviderAccountId>,
    pub provider_ref: Option<&'a str>,
    pub amount: Money,
    pub status: &'a str,
    pub payer_phone: Option<String>,
    pub return_url: Option<String>,
    pub destination: Option<DestinationId>,
    pub operation: Option<OperationId>,
    pub parent: Option<PaymentId>,
}

/// Writes a payment. Its id doubles as the provider's idempotency key: known before the first call, never changed.
pub(crate) async fn insert(tx: &mut Tx, id: PaymentId, new: NewRow<'_>) -> Result<Payment> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "insert into payments (org_id, id, direction, purpose, subject_type, subject_id, user_id, method,
                               provider_account_id, provider_ref, provider_key, amount, currency, status, return_url, destination_id,
                               operation_id, parent_id, payer_phone, succeeded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                 case when $14 = 'succeeded' then $20::timestamptz end)",
        org.0,
        id.0,
        new.direction,
        new.purpose,
        new.subject_type,
        new.subject_id,
        new.user.map(Uuid::from),
        new.method,
        new.provider_account.map(Uuid::from),
        new.provider_ref,
        id.to_string(),
        new.amount.amount,
        new.amount.currency.code(),
        new.status,
        new.return_url,
        new.destination.map(Uuid::from),
        new.operation.map(Uuid::from),
        new.parent.map(Uuid::from),
        new.payer_phone,
        now
    )
    .execute(tx.conn())
    .await?;
    let payment = find(tx, id).await?;
    tx.record(Change::created("payment", id, &payment));
    Ok(payment)
}
