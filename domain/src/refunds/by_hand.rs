//! A person sends what a provider did not, and says so (J14). From some amount on a second person confirms it (SN25).

use super::{send::confirmed, to_wallet};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    payments::{self, Payment},
    refusals::Refusal,
};

/// Somebody sent the money another way, and says under which reference. The books, the booking and the payer learn of it
/// as of any other refund: at once, or, from the amount on that the settings name, when somebody else says the same.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::StateConflict`] unless it waits for a person or failed, [`Refusal::Invalid`],
/// [`Refusal::Conflict`] when the same person confirms, or another reference is named.
pub async fn sent_by_hand(tx: &mut Tx, by: UserId, id: PaymentId, reference: &str) -> Result<Payment> {
    let refund = waiting(tx, id, reference).await?;
    let reference = reference.trim();
    if let Some(stated) = payments::second_person_awaited(tx, by, &refund, reference).await? {
        return Ok(stated);
    }
    ended(tx, &refund, reference).await
}

/// The provider's own list shows that it was sent: as good as a second person.
///
/// # Errors
/// As [`sent_by_hand`], without those about two people.
pub(crate) async fn seen_sent(tx: &mut Tx, id: PaymentId, reference: &str) -> Result<Payment> {
    let refund = waiting(tx, id, reference).await?;
    ended(tx, &refund, reference.trim()).await
}

/// Locks a refund that a person may send.
async fn waiting(tx: &mut Tx, id: PaymentId, reference: &str) -> Result<Payment> {
    let reference = reference.trim();
    if reference.is_empty() || reference.chars().count() > 255 || reference.contains('\0') {
        return Err(Refusal::invalid("reference", "must have 1 to 255 characters").into());
    }
    let refund = payments::lock(tx, id).await?;
    if refund.purpose != "refund" {
        return Err(Refusal::NotFound.into());
    }
    let in_wallet = refund.failure_code.as_deref() == Some(to_wallet::IN_WALLET);
    if in_wallet || !["manual", "failed"].contains(&refund.status.as_str()) {
        return Err(Refusal::StateConflict { status: refund.status }.into());
    }
    Ok(refund)
}

async fn ended(tx: &mut Tx, refund: &Payment, reference: &str) -> Result<Payment> {
    let after = Payment { transaction_ref: Some(reference.to_owned()), failure_code: None, ..refund.clone() };
    confirmed(tx, refund, after).await?;
    payments::find(tx, refund.id).await
}
