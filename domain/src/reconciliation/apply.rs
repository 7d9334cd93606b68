//! A person closes a ticket: its fix is applied once, by the rules that write everything else, or it is dismissed with a
//! reason. What the books hold is read again first, so that a fix never adds to what happened meanwhile.

use super::{
    Item,
    books::{self, About},
    find, items,
};
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    ledger::{self, postings},
    money::Money,
    payments::{
        self, AccountRef, Payment,
        provider::{Checkout, CheckoutState, PayoutAnswer, RefundAnswer},
    },
    payouts, refunds,
    refusals::Refusal,
};

/// Applies the proposed fix.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::StateConflict`] unless it is open.
pub async fn apply(tx: &mut Tx, id: ReconciliationItemId) -> Result<Item> {
    let item = lock(tx, id).await?;
    let account = payments::account_of(tx, item.account).await?;
    match item.proposal.as_str() {
        "settle" => settle(tx, &item).await?,
        "adjust" => adjust(tx, &item, &account).await?,
        "adjust_fee" => adjust_fee(tx, &item, &account).await?,
        _ => {}
    }
    items::decide(tx, &item, "applied", None).await
}

/// Leaves things as they are, for a reason; the difference is not told of again.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::StateConflict`] unless it is open; [`Refusal::Invalid`] for a reason of another length
/// than 3 to 500 characters.
pub async fn dismiss(tx: &mut Tx, id: ReconciliationItemId, reason: &str) -> Result<Item> {
    let reason = reason.trim();
    if !(3..=500).contains(&reason.chars().count()) || reason.contains('\0') {
        return Err(Refusal::invalid("reason", "must have 3 to 500 characters").into());
    }
    let item = lock(tx, id).await?;
    items::decide(tx, &item, "dismissed", Some(reason)).await
}

/// The payment is locked first, as everywhere (docs/ARCHITECTURE.md, "Locks").
async fn lock(tx: &mut Tx, id: ReconciliationItemId) -> Result<Item> {
    let org = tx.org()?;
    if let Some(payment) = find(tx, id).await?.payment {
        payments::lock(tx, payment).await?;
    }
    sqlx::query!("select id from reconciliation_items where org_id = $1 and id = $2 for update", org.0, id.0)
        .fetch_one(tx.conn())
        .await?;
    let item = find(tx, id).await?;
    if item.status != "open" {
        return Err(Refusal::StateConflict { status: item.status }.into());
    }
    Ok(item)
}

/// The provider's list says that the money moved: the rules hear it as they hear an event.
async fn settle(tx: &mut Tx, item: &Item) -> Result<()> {
    let id = item.payment.ok_or_else(|| Fault::corrupt("reconciliation_items", "settles no payment"))?;
    let payment = payments::lock(tx, id).await?;
    let reference = item.movement_ref.clone().unwrap_or_default();
    match payment.purpose.as_str() {
        _ if payment.direction == "in" => {
            let provider_ref = item.checkout_ref.clone().or_else(|| payment.provider_ref.clone()).unwrap_or_default();
            let checkout = Checkout {
                provider_ref,
                client_reference: Some(id.to_string()),
                price: Money { amount: item.theirs.unwrap_or_default(), currency: item.currency },
                state: CheckoutState::Paid { transaction_ref: item.movement_ref.clone() },
                launch_url: None,
                expires_at: None,
                callback_digest: None,
            };
            payments::record_checkout(tx, id, &checkout).await?;
        }
        "refund" if payment.status == "manual" => {
            refunds::seen_sent(tx, id, &reference).await?;
        }
        "refund" if payment.is_open() => {
            let fee = item.their_fee.unwrap_or_default();
            refunds::record_refund(tx, id, RefundAnswer::Refunded { fee }).await?;
        }
        "payout" | "withdrawal" if payment.is_open() => paid_out(tx, &payment, item, reference).await?,
        _ => {
            let account = payments::account_of(tx, item.account).await?;
            adjust(tx, item, &account).await?;
        }
    }
    Ok(())
}

async fn paid_out(tx: &mut Tx, payment: &Payment, item: &Item, reference: String) -> Result<()> {
    let provider_ref = payment.provider_ref.clone().unwrap_or(reference);
    let fee = Money { amount: item.their_fee.unwrap_or_default(), currency: item.currency };
    payouts::record_payout(tx, payment.id, PayoutAnswer::Paid { provider_ref, fee }).await?;
    Ok(())
}

/// Brings what the books hold at the provider to what its list says; the rest waits in suspense.
async fn adjust(tx: &mut Tx, item: &Item, account: &AccountRef) -> Result<()> {
    let about = About::read(&item.about);
    let held = books::held(tx, account, std::slice::from_ref(&about)).await?;
    let held = held.get(&about).map_or(0, |side| side.amount);
    let amount = Money { amount: item.theirs.unwrap_or_default() - held, currency: item.currency };
    let about = match about {
        About::Payment(id) => (Some(id), key(item)),
        About::Reference(reference) => {
            let aside = postings::in_suspense(item.account, &reference);
            let taken = ledger::put_aside(tx, &aside).await?.is_some();
            (None, if taken { format!("{aside}/adjusted") } else { aside })
        }
    };
    postings::reconciled(tx, about, item.account, amount, item.their_at).await?;
    Ok(())
}

async fn adjust_fee(tx: &mut Tx, item: &Item, account: &AccountRef) -> Result<()> {
    let id = item.payment.ok_or_else(|| Fault::corrupt("reconciliation_items", "a fee of no payment"))?;
    let about = About::Payment(id);
    let held = books::held(tx, account, std::slice::from_ref(&about)).await?;
    let held = held.get(&about).and_then(|side| side.fee).unwrap_or_default();
    let more = Money { amount: item.theirs.unwrap_or_default() - held, currency: item.currency };
    postings::fee_corrected(tx, id, key(item), item.account, more).await?;
    Ok(())
}

fn key(item: &Item) -> String {
    format!("reconciliation/{}/{}", item.id, item.version)
}
