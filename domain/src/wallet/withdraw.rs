//! Money leaves a wallet (K5, SN8): row, books and job are one commit, and the carrier of payouts sends it with the key
//! written here, so that it leaves once whatever happens.

use super::lock;
use crate::{
    db::Tx,
    error::Result,
    identity,
    ids::*,
    jobs::Payments,
    kyc,
    ledger::{Account, Kind, postings},
    money::Money,
    operations,
    organizations::{self, settings::WithdrawalPolicy},
    payments::{self, NewRow},
    refusals::Refusal,
};
use chrono::TimeDelta;
use serde_json::json;

/// Sends so much of a person's wallet, in minor units of the organization's currency, to the number they proved to be
/// theirs. The wallet is locked first, so that of two at once the second sees the first.
///
/// # Errors
/// [`Refusal::InvalidAmount`], [`Refusal::Policy`] outside the limits or within the cool-down, [`Refusal::KycRequired`],
/// [`Refusal::DestinationRequired`], [`Refusal::MethodUnavailable`], [`Refusal::InsufficientFunds`].
pub async fn withdraw(tx: &mut Tx, user: UserId, amount: i64) -> Result<OperationId> {
    let organization = organizations::load(tx).await?;
    let (policy, amount) = (organization.settings.withdrawal, Money::asked(amount, organization.currency)?);
    lock(tx, user, amount.currency).await?;
    must_be_within(tx, user, amount, policy).await?;
    if policy.requires_kyc && !kyc::is_approved(tx, user).await? {
        return Err(Refusal::KycRequired.into());
    }
    let destination = identity::usable_destination(tx, user).await?.ok_or(Refusal::DestinationRequired)?;
    let proved_for = tx.now() - destination.verified_at.unwrap_or(tx.now());
    let cool_down = i64::from(policy.cool_down_hours);
    if proved_for < TimeDelta::hours(cool_down) {
        let value = proved_for.num_hours();
        return Err(Refusal::Policy { rule: "withdrawal_cool_down_hours", limit: cool_down, value }.into());
    }
    let account = payments::account_for(tx, &destination.method, amount.currency).await?;
    let id = PaymentId::new();
    let operation = operations::open(tx, "payment", "payment", id.into()).await?;
    let row = NewRow {
        direction: "out",
        purpose: "withdrawal",
        subject_type: "user",
        subject_id: user.into(),
        user: Some(user),
        method: &destination.method,
        provider_account: Some(account.id),
        provider_ref: None,
        amount,
        status: "scheduled",
        payer_phone: None,
        return_url: None,
        destination: Some(destination.id),
        operation: Some(operation),
        parent: None,
    };
    payments::insert(tx, id, row).await?;
    postings::payout_scheduled(tx, id, Account::User(user, Kind::Wallet), amount).await?;
    operations::advance(tx, operation, "set_aside", Some("provider")).await?;
    tx.enqueue(&Payments::SendPayout { payment: id });
    Ok(operation)
}

async fn must_be_within(tx: &mut Tx, user: UserId, amount: Money, policy: WithdrawalPolicy) -> Result<()> {
    if amount.amount < policy.minimum.max(1) {
        let (limit, value) = (policy.minimum.max(1), amount.amount);
        return Err(Refusal::Policy { rule: "withdrawal_minimum", limit, value }.into());
    }
    let (org, now) = (tx.org()?, tx.now());
    let lately = sqlx::query_scalar!(
        r#"select coalesce(sum(amount), 0)::bigint as "sum!" from payments
           where org_id = $1 and user_id = $2 and purpose = 'withdrawal' and status <> 'failed' and currency = $3
             and created_at > $4::timestamptz - interval '24 hours'"#,
        org.0,
        user.0,
        amount.currency.code(),
        now
    )
    .fetch_one(tx.conn())
    .await?;
    let value = lately.saturating_add(amount.amount);
    if value > policy.daily_maximum {
        return Err(Refusal::Policy { rule: "withdrawal_daily_maximum", limit: policy.daily_maximum, value }.into());
    }
    Ok(())
}

/// Ends the operation of a withdrawal that is final.
pub(crate) async fn end_withdrawal(tx: &mut Tx, id: PaymentId) -> Result<()> {
    let withdrawal = payments::find(tx, id).await?;
    let Some(operation) = withdrawal.operation else { return Ok(()) };
    match withdrawal.failure_code {
        Some(code) if withdrawal.status == "failed" => operations::fail(tx, operation, "payment_failed", &code).await,
        _ => operations::succeed(tx, operation, json!({ "payment_id": id, "status": withdrawal.status })).await,
    }
}
