//! Writes one balanced transaction, once.

use crate::{
    db::Tx,
    error::{RefuseOn, Result},
    ids::*,
    money::Money,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What an account is for (MODEL §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Money held at a provider.
    Provider,
    /// A person's spendable balance.
    Wallet,
    /// Owed to a driver, not yet paid out.
    Earnings,
    /// Paid, not yet earned.
    Escrow,
    /// The platform's share.
    Commission,
    /// What the organization earned with its own things.
    Sales,
    /// Fines, and what was paid for what nobody came for.
    Fees,
    /// What drivers are charged for letting riders down.
    Penalties,
    /// Tickets that were issued and are not spent.
    TicketsIssued,
    /// What the organization gives away.
    Promo,
    /// What providers charge us.
    ProviderFees,
    /// What payers took back through their bank.
    Chargebacks,
    /// Refunds sent, not yet confirmed.
    RefundTransit,
    /// Payouts sent, not yet confirmed.
    PayoutTransit,
    /// Money nobody has claimed yet (★5, ★6).
    Suspense,
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Wallet => "wallet",
            Self::Earnings => "earnings",
            Self::Escrow => "escrow",
            Self::Commission => "commission",
            Self::Sales => "sales",
            Self::Fees => "fees",
            Self::Penalties => "penalties",
            Self::TicketsIssued => "tickets_issued",
            Self::Promo => "promo",
            Self::ProviderFees => "provider_fees",
            Self::Chargebacks => "chargebacks",
            Self::RefundTransit => "refund_transit",
            Self::PayoutTransit => "payout_transit",
            Self::Suspense => "suspense",
        }
    }

    /// A driver's penalty may exceed what was earned; the next payout absorbs it (MODEL §7).
    fn may_go_negative(self) -> bool {
        self == Self::Earnings
    }
}

/// Whose account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// The organization's own.
    Org(Kind),
    /// A person's.
    User(UserId, Kind),
    /// Our money at a provider.
    Provider(ProviderAccountId),
}

impl Account {
    fn owner(self, org: OrgId) -> (&'static str, Uuid, Kind) {
        match self {
            Self::Org(kind) => ("org", org.into(), kind),
            Self::User(user, kind) => ("user", user.into(), kind),
            Self::Provider(account) => ("provider", account.into(), Kind::Provider),
        }
    }
}

/// Money from one account to another: debits `to`, credits `from`.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// The debited account.
    pub debit: Account,
    /// The credited account.
    pub credit: Account,
    /// How much; a line of zero is left out.
    pub amount: Money,
}

/// A transaction about to be written.
#[derive(Debug)]
pub struct NewTransaction {
    /// What happened, e.g. `booking_paid`.
    pub kind: &'static str,
    /// What kind of thing it is about.
    pub subject_type: &'static str,
    /// What it is about.
    pub subject: Uuid,
    /// The payment that moved the money, if one did.
    pub payment: Option<PaymentId>,
    /// The same key is written once, whatever calls twice.
    pub dedupe_key: String,
    /// The movements.
    pub lines: Vec<Line>,
}

/// Writes the transaction, unless its key was already written. Answers whether it was written now.
///
/// # Errors
/// [`Refusal::InsufficientFunds`] when a person's account would be overdrawn.
pub async fn post(tx: &mut Tx, new: NewTransaction) -> Result<bool> {
    let now = tx.now();
    post_at(tx, new, now).await
}

/// The same for several at once; those whose key was already written are left out.
///
/// # Errors
/// As [`post`]; then none of them is written.
pub(crate) async fn post_all(tx: &mut Tx, new: Vec<NewTransaction>) -> Result<()> {
    let now = tx.now();
    write(tx, new, now).await?;
    Ok(())
}

/// The same for what happened at another time than it became known: `occurred_at`, beside when it was written.
///
/// # Errors
/// As [`post`], and [`Refusal::PeriodClosed`] when that time is in a period that was closed.
pub(super) async fn post_at(tx: &mut Tx, new: NewTransaction, occurred_at: DateTime<Utc>) -> Result<bool> {
    Ok(write(tx, vec![new], occurred_at).await? > 0)
}

/// Answers how many were written now.
async fn write(tx: &mut Tx, mut new: Vec<NewTransaction>, occurred_at: DateTime<Utc>) -> Result<usize> {
    let org = tx.org()?;
    new.retain(|transaction| transaction.lines.iter().any(|line| line.amount.amount != 0));
    if new.is_empty() {
        return Ok(0);
    }
    let ids: Vec<TransactionId> = new.iter().map(|_| TransactionId::new()).collect();
    let written = write_heads(tx, &ids, &new, occurred_at).await?;
    let mut sides = Sides::default();
    for (id, transaction) in ids.iter().zip(&new).filter(|(id, _)| written.contains(id)) {
        for line in transaction.lines.iter().filter(|line| line.amount.amount != 0) {
            sides.push(org, *id, line.debit, line.amount, line.amount.amount);
            sides.push(org, *id, line.credit, line.amount, -line.amount.amount);
        }
    }
    if !written.is_empty() {
        ensure_accounts(tx, org, &sides).await?;
        write_entries(tx, org, &sides).await?;
    }
    Ok(written.len())
}

/// Answers which of them were not there before.
async fn write_heads(
    tx: &mut Tx,
    ids: &[TransactionId],
    new: &[NewTransaction],
    occurred_at: DateTime<Utc>,
) -> Result<Vec<TransactionId>> {
    let org = tx.org()?;
    let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
    let kinds: Vec<String> = new.iter().map(|one| one.kind.to_owned()).collect();
    let subject_types: Vec<String> = new.iter().map(|one| one.subject_type.to_owned()).collect();
    let subjects: Vec<Uuid> = new.iter().map(|one| one.subject).collect();
    let payments: Vec<Option<Uuid>> = new.iter().map(|one| one.payment.map(Uuid::from)).collect();
    let keys: Vec<String> = new.iter().map(|one| one.dedupe_key.clone()).collect();
    sqlx::query_scalar!(
        r#"insert into ledger_transactions (org_id, id, kind, subject_type, subject_id, payment_id, dedupe_key, occurred_at)
           select $1, one.id, one.kind, one.subject_type, one.subject_id, one.payment_id, one.dedupe_key, $2
           from unnest($3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::text[])
                as one (id, kind, subject_type, subject_id, payment_id, dedupe_key)
           on conflict on constraint ledger_transactions_once do nothing returning id as "id: TransactionId""#,
        org.0,
        occurred_at,
        &ids,
        &kinds,
        &subject_types,
        &subjects,
        &payments as &[Option<Uuid>],
        &keys
    )
    .fetch_all(tx.conn())
    .await
    .refuse_on("ledger_period_open", Refusal::PeriodClosed)
}

/// The two sides of every line as columns for `unnest`.
#[derive(Default)]
struct Sides {
    transactions: Vec<Uuid>,
    owner_types: Vec<String>,
    owners: Vec<Uuid>,
    kinds: Vec<String>,
    currencies: Vec<String>,
    amounts: Vec<i64>,
    negative: Vec<bool>,
}

impl Sides {
    fn push(&mut self, org: OrgId, transaction: TransactionId, account: Account, money: Money, signed: i64) {
        let (owner_type, owner, kind) = account.owner(org);
        self.transactions.push(transaction.into());
        self.owner_types.push(owner_type.into());
        self.owners.push(owner);
        self.kinds.push(kind.code().into());
        self.currencies.push(money.currency.code().into());
        self.amounts.push(signed);
        self.negative.push(kind.may_go_negative());
    }
}

async fn ensure_accounts(tx: &mut Tx, org: OrgId, sides: &Sides) -> Result<()> {
    let ids: Vec<Uuid> = sides.owners.iter().map(|_| AccountId::new().into()).collect();
    sqlx::query!(
        "insert into accounts (org_id, id, owner_type, owner_id, kind, currency, cached_balance, allow_negative)
         select distinct on (owner_type, owner_id, kind, currency) $1::uuid, id, owner_type, owner_id, kind, currency,
                case when owner_type = 'user' then 0::bigint end, negative
         from unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::boolean[])
              as side (id, owner_type, owner_id, kind, currency, negative)
         order by owner_type, owner_id, kind, currency
         on conflict on constraint accounts_key do nothing",
        org.0,
        &ids,
        &sides.owner_types,
        &sides.owners,
        &sides.kinds,
        &sides.currencies,
        &sides.negative
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// All entries in one statement: the trigger checks the statement's sums. People's cached balances move with them,
/// locked in the order of their ids so that two transactions never wait for each other.
async fn write_entries(tx: &mut Tx, org: OrgId, sides: &Sides) -> Result<()> {
    let entry_ids: Vec<Uuid> = sides.owners.iter().map(|_| EntryId::new().into()).collect();
    sqlx::query!(
        "insert into entries (org_id, id, transaction_id, account_id, amount, currency)
         select a.org_id, side.id, side.transaction_id, a.id, side.amount, side.currency
         from unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::bigint[])
              as side (id, transaction_id, owner_type, owner_id, kind, currency, amount)
         join accounts a on a.org_id = $1 and a.owner_type = side.owner_type and a.owner_id = side.owner_id
                        and a.kind = side.kind and a.currency = side.currency",
        org.0,
        &entry_ids,
        &sides.transactions,
        &sides.owner_types,
        &sides.owners,
        &sides.kinds,
        &sides.currencies,
        &sides.amounts
    )
    .execute(tx.conn())
    .await?;
    if sides.owner_types.iter().all(|owner| owner != "user") {
        return Ok(());
    }
    move_cached(tx, &sides.transactions).await
}

/// People's cached balances follow the entries of these transactions.
async fn move_cached(tx: &mut Tx, transactions: &[Uuid]) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "with moved as (
             select account_id, sum(amount)::bigint as amount from entries
             where org_id = $1 and transaction_id = any($2) group by account_id),
         locked as (
             select a.id from accounts a join moved m on m.account_id = a.id
             where a.org_id = $1 and a.owner_type = 'user' order by a.id for no key update)
         update accounts a set cached_balance = a.cached_balance + m.amount
         from moved m, locked l where a.org_id = $1 and a.id = m.account_id and a.id = l.id",
        org.0,
        transactions
    )
    .execute(tx.conn())
    .await
    .refuse_on("accounts_no_overdraft", Refusal::InsufficientFunds)?;
    Ok(())
}

/// Writes the mirror of a transaction, once: every side with the other sign (K2).
pub(super) async fn post_mirror(tx: &mut Tx, id: TransactionId, mirror: TransactionId, memo: &str) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "insert into ledger_transactions (org_id, id, kind, subject_type, subject_id, payment_id, dedupe_key, occurred_at, memo,
                                          reverses_id)
         select org_id, $3, kind, subject_type, subject_id, payment_id, dedupe_key || '/reversed', $4, $5, id
         from ledger_transactions where org_id = $1 and id = $2",
        org.0,
        id.0,
        mirror.0,
        now,
        memo
    )
    .execute(tx.conn())
    .await
    .refuse_on("ledger_transactions_once", Refusal::StateConflict { status: "reversed".into() })
    .refuse_on("ledger_transactions_reversed_once", Refusal::StateConflict { status: "reversed".into() })?;
    mirror_entries(tx, id, mirror).await?;
    move_cached(tx, &[mirror.into()]).await
}

async fn mirror_entries(tx: &mut Tx, id: TransactionId, mirror: TransactionId) -> Result<()> {
    let org = tx.org()?;
    let sides = sqlx::query_scalar!(
        "select id from entries where org_id = $1 and transaction_id = $2 order by id",
        org.0,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    let ids: Vec<uuid::Uuid> = sides.iter().map(|_| EntryId::new().into()).collect();
    sqlx::query!(
        "insert into entries (org_id, id, transaction_id, account_id, amount, currency)
         select e.org_id, m.id, $2, e.account_id, -e.amount, e.currency
         from unnest($3::uuid[], $4::uuid[]) as m (id, of) join entries e on e.org_id = $1 and e.id = m.of",
        org.0,
        mirror.0,
        &ids,
        &sides
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
