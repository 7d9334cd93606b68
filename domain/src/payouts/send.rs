//! Pays one driver, or somebody who withdraws from their wallet: load, call, record. The key given to the provider was
//! written with the payout; a repeated call moves money once (PROVIDERS §1.5).

use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    ledger::{Account, Kind, postings},
    money::Money,
    notifications::{self, Notice, NoticeKind},
    operations,
    payments::{
        self, AccountRef, Payment,
        provider::{PayoutAnswer, PayoutOrder},
    },
    wallet,
};
use serde_json::json;
use std::time::Duration;

/// What the carrier asks for.
#[derive(Debug, Clone)]
pub struct PayoutSend {
    /// What to pay.
    pub order: PayoutOrder,
    /// Through which account.
    pub account: AccountRef,
    /// An earlier attempt may have reached the provider: read before asking again.
    pub maybe_sent: bool,
}

/// Loads the order; `None` when the payout is final.
///
/// # Errors
/// A fault when the database fails.
pub async fn load_payout(tx: &mut Tx, id: PaymentId) -> Result<Option<PayoutSend>> {
    let payout = payments::lock(tx, id).await?;
    if !payout.is_open() || !["payout", "withdrawal"].contains(&payout.purpose.as_str()) {
        return Ok(None);
    }
    let (number, name) = destination(tx, &payout).await?;
    payments::begin_attempt(tx, &payout).await?;
    if payout.status == "scheduled" {
        let after = Payment { status: "processing".into(), ..payout.clone() };
        payments::set_status(tx, &payout, after).await?;
    }
    Ok(Some(PayoutSend {
        account: payments::account_of(tx, payout.account()?).await?,
        maybe_sent: payout.attempts > 0,
        order: PayoutOrder {
            payment: id,
            key: payout.provider_key,
            amount: payout.amount,
            mobile: number,
            name: Some(name).filter(|name| !name.is_empty()),
            reason: format!(
                "{} {}",
                if payout.purpose == "payout" { "Payout" } else { "Withdrawal" },
                &id.to_string()[..8]
            ),
        },
    }))
}

async fn destination(tx: &mut Tx, payout: &Payment) -> Result<(String, String)> {
    let org = tx.org()?;
    let id = payout.destination.ok_or_else(|| Fault::corrupt("payout", "no destination"))?;
    let row =
        sqlx::query!("select number, holder_name from payout_destinations where org_id = $1 and id = $2", org.0, id.0)
            .fetch_one(tx.conn())
            .await?;
    Ok((row.number, row.holder_name))
}

/// Records the answer in the payment, the books and the payout's lines; tells the driver. Says when to ask
/// again, or `None` when the payout is final. Safe to call twice.
///
/// # Errors
/// A fault when the database fails.
pub async fn record_payout(tx: &mut Tx, id: PaymentId, answer: PayoutAnswer) -> Result<Option<Duration>> {
    let payout = payments::lock(tx, id).await?;
    match (payout.is_open(), answer) {
        (true, PayoutAnswer::Paid { provider_ref, fee }) => {
            confirmed(tx, &payout, provider_ref, fee).await?;
        }
        (true, PayoutAnswer::Processing { provider_ref }) => {
            if payout.provider_ref.as_deref() != Some(&provider_ref) {
                let after = Payment { provider_ref: Some(provider_ref), ..payout.clone() };
                payments::set_status(tx, &payout, after).await?;
            }
            return Ok(Some(payments::patience(tx.now() - payout.created_at)));
        }
        (true, PayoutAnswer::Declined(declined)) => not_paid(tx, &payout, declined.code).await?,
        (true, PayoutAnswer::Reversed { .. }) => not_paid(tx, &payout, "reversed".into()).await?,
        (false, _) => {}
    }
    match payout.operation {
        Some(_) if payout.purpose == "withdrawal" => wallet::end_withdrawal(tx, id).await?,
        Some(operation) => finish_run(tx, operation).await?,
        None => {}
    }
    Ok(None)
}

async fn confirmed(tx: &mut Tx, payout: &Payment, provider_ref: String, fee: Money) -> Result<()> {
    let after =
        Payment { status: "succeeded".into(), provider_ref: Some(provider_ref), fees: fee.amount, ..payout.clone() };
    let after = payments::set_status(tx, payout, after).await?;
    postings::payout_confirmed(tx, payout.id, payout.account()?, payout.amount, fee).await?;
    payments::look_again_later(tx, payout.id);
    tell(tx, &after).await
}

/// A failed transfer returns the same entries: they are owed again, and the next run takes them (★12). What was
/// withdrawn is in the wallet again (SN30).
async fn not_paid(tx: &mut Tx, payout: &Payment, code: String) -> Result<()> {
    let after = Payment { status: "failed".into(), failure_code: Some(code), ..payout.clone() };
    let after = payments::set_status(tx, payout, after).await?;
    postings::payout_failed(tx, payout.id, back_to(payout)?, payout.amount).await?;
    release_lines(tx, payout.id).await?;
    tell(tx, &after).await
}

/// The provider paid and took it back (PROVIDERS §1.5): what was written is reversed, and the earnings are owed again, or the wallet
/// has it back. Said
/// again, it changes nothing.
pub(crate) async fn reversed(tx: &mut Tx, payout: &Payment, code: &str) -> Result<()> {
    if payout.status != "succeeded" {
        return Ok(());
    }
    tracing::error!(payout = %payout.id, code, "a payout that was sent has come back");
    let (at, fee) = (payout.account()?, payout.amount.with(payout.fees));
    postings::payout_reversed(tx, payout.id, back_to(payout)?, at, payout.amount, fee).await?;
    let after = Payment { status: "failed".into(), failure_code: Some(code.to_owned()), fees: 0, ..payout.clone() };
    let after = payments::set_status(tx, payout, after).await?;
    release_lines(tx, payout.id).await?;
    tell(tx, &after).await
}

/// Where the money came from: earnings, or the wallet.
fn back_to(payout: &Payment) -> Result<Account> {
    let kind = if payout.purpose == "withdrawal" { Kind::Wallet } else { Kind::Earnings };
    Ok(Account::User(paid_to(payout)?, kind))
}

fn paid_to(payout: &Payment) -> Result<UserId> {
    payout.user.ok_or_else(|| Fault::corrupt("payout", "it pays nobody").into())
}

async fn release_lines(tx: &mut Tx, payout: PaymentId) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update payout_lines set released_at = $3 where org_id = $1 and payout_id = $2 and released_at is null",
        org.0,
        payout.0,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends the run's operation once its last payout is final. The operation's row is locked, so that of two payouts
/// ending at once the second sees the first.
pub(super) async fn finish_run(tx: &mut Tx, operation: OperationId) -> Result<()> {
    let org = tx.org()?;
    let built = sqlx::query_scalar!(
        r#"select jsonb_array_length(steps) > 0 as "built!" from operations where org_id = $1 and id = $2 for update"#,
        org.0,
        operation.0
    )
    .fetch_one(tx.conn())
    .await?;
    let run = sqlx::query!(
        r#"select count(*) filter (where status in ('scheduled', 'processing')) as "open!",
                  count(*) filter (where status = 'succeeded') as "paid!",
                  count(*) filter (where status = 'failed') as "failed!",
                  coalesce(sum(amount) filter (where status = 'succeeded'), 0)::bigint as "amount!"
           from payments where org_id = $1 and operation_id = $2"#,
        org.0,
        operation.0
    )
    .fetch_one(tx.conn())
    .await?;
    if !built || run.open > 0 {
        return Ok(());
    }
    let result = json!({ "paid": run.paid, "failed": run.failed, "amount": run.amount });
    operations::succeed(tx, operation, result).await
}

async fn tell(tx: &mut Tx, payout: &Payment) -> Result<()> {
    let kind = match (payout.purpose.as_str(), payout.status.as_str()) {
        ("withdrawal", "failed") => NoticeKind::WithdrawalFailed,
        ("withdrawal", _) => NoticeKind::WithdrawalSent,
        (_, "failed") => NoticeKind::PayoutFailed,
        _ => NoticeKind::PayoutSent,
    };
    let notice = Notice {
        user: paid_to(payout)?,
        kind,
        subject_type: "payment",
        subject_id: payout.id.into(),
        payload: json!({ "amount": payout.amount.amount, "currency": payout.amount.currency }),
        dedupe_key: format!("payout/{}/{}", payout.id, payout.status),
    };
    notifications::notify(tx, notice).await?;
    Ok(())
}
