//! A payer takes a payment back through their bank (SN5). It is a payment outward of its own, a `chargeback` of the first:
//! `processing` while it is disputed and the money withheld, `succeeded` when the payer has won, `failed` when we have.

use super::{
    Payment,
    look::look_again_later,
    provider::{Dispute, DisputeState},
    queries::{self, NewRow},
    set_status,
};
use crate::{db::Tx, error::Result, ids::*, ledger::postings};

/// Applies what the provider says of one dispute of a locked payment. Said again, or in another order, it changes nothing:
/// what is decided stays decided.
pub(super) async fn record(tx: &mut Tx, of: &Payment, dispute: &Dispute) -> Result<()> {
    if dispute.state == DisputeState::Undecided || dispute.amount.amount <= 0 {
        return Ok(());
    }
    let known = known(tx, of, &dispute.provider_ref).await?;
    let chargeback = match known {
        Some(id) => queries::find(tx, id).await?,
        None => opened(tx, of, dispute).await?,
    };
    if chargeback.status == "processing" {
        let chargeback = charged(tx, chargeback, dispute.fee).await?;
        decided(tx, of, &chargeback, dispute.state).await?;
    }
    Ok(())
}

/// Books what the provider charges for it, and what it gives back of that, as it is told.
async fn charged(tx: &mut Tx, chargeback: Payment, fee: i64) -> Result<Payment> {
    let (fee, known) = (fee.max(0), chargeback.fees);
    if fee == known {
        return Ok(chargeback);
    }
    let after = set_status(tx, &chargeback, Payment { fees: fee, ..chargeback.clone() }).await?;
    let more = after.amount.with(fee - known);
    postings::dispute_fee(tx, after.id, after.account()?, more, after.version).await?;
    Ok(after)
}

/// Whether the payer's bank is taking a payment back, or has: it is not ours to give a second time.
pub(crate) async fn is_taken_back(tx: &mut Tx, of: PaymentId) -> Result<bool> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select exists (select from payments where org_id = $1 and purpose = 'chargeback' and subject_id = $2
                          and status in ('processing', 'succeeded')) as "yes!""#,
        org.0,
        of.0
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Whoever records a dispute has locked its payment: two at once do not both open it.
async fn known(tx: &mut Tx, of: &Payment, provider_ref: &str) -> Result<Option<PaymentId>> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select id as "id: PaymentId" from payments
           where org_id = $1 and purpose = 'chargeback' and subject_id = $2 and provider_ref = $3"#,
        org.0,
        of.id.0,
        provider_ref
    )
    .fetch_optional(tx.conn())
    .await?)
}

async fn opened(tx: &mut Tx, of: &Payment, dispute: &Dispute) -> Result<Payment> {
    let (id, at) = (PaymentId::new(), of.account()?);
    tracing::error!(payment = %of.id, reason = dispute.reason, "a payment is disputed: a person must answer the bank");
    metrics::counter!("payments_disputed_total", "state" => "opened").increment(1);
    let row = NewRow {
        direction: "out",
        purpose: "chargeback",
        subject_type: "payment",
        subject_id: of.id.into(),
        user: of.user,
        method: &of.method,
        provider_account: Some(at),
        provider_ref: Some(&dispute.provider_ref),
        amount: dispute.amount,
        status: "processing",
        payer_phone: None,
        return_url: None,
        destination: None,
        operation: None,
        parent: Some(of.id),
    };
    let made = queries::insert(tx, id, row).await?;
    let reason: String = dispute.reason.chars().take(100).collect();
    let made = set_status(tx, &made, Payment { failure_code: Some(reason), ..made.clone() }).await?;
    postings::chargeback_opened(tx, of.id, id, at, dispute.amount).await?;
    look_again_later(tx, id);
    Ok(made)
}

async fn decided(tx: &mut Tx, of: &Payment, chargeback: &Payment, state: DisputeState) -> Result<()> {
    let (status, label) = match state {
        DisputeState::Lost => ("succeeded", "lost"),
        DisputeState::Won => ("failed", "won"),
        DisputeState::Open | DisputeState::Undecided => return Ok(()),
    };
    metrics::counter!("payments_disputed_total", "state" => label).increment(1);
    let (id, amount) = (chargeback.id, chargeback.amount);
    match state {
        DisputeState::Lost => postings::chargeback_lost(tx, of.id, id, amount).await?,
        _ => postings::chargeback_won(tx, of.id, id, chargeback.account()?, amount).await?,
    };
    set_status(tx, chargeback, Payment { status: status.into(), ..chargeback.clone() }).await?;
    Ok(())
}
