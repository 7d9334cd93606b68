//! Tickets are bought (K20): what a payment buys is noted beside it, and is in the wallet when the money is ours.

use super::find;
use crate::{
    audit::Change,
    db::Tx,
    error::{Fault, Result},
    ids::*,
    ledger::postings,
    money::{Currency, Money},
    payments::Payment,
    refusals::Refusal,
    wallet,
};
use serde_json::json;

/// What a pack costs, if it is sold.
pub(crate) async fn price_of(tx: &mut Tx, offer: TicketOfferId) -> Result<Money> {
    match find(tx, offer).await? {
        offer if offer.active => Ok(offer.price),
        _ => Err(Refusal::NotFound.into()),
    }
}

/// Notes what a payment buys, in the commit that opens it.
pub(crate) async fn note(tx: &mut Tx, payment: PaymentId, buyer: UserId, offer: TicketOfferId) -> Result<()> {
    let (org, pack) = (tx.org()?, find(tx, offer).await?);
    sqlx::query!(
        "insert into ticket_purchases (org_id, payment_id, user_id, offer_id, tickets) values ($1, $2, $3, $4, $5)",
        org.0,
        payment.0,
        buyer.0,
        offer.0,
        pack.tickets
    )
    .execute(tx.conn())
    .await?;
    let after = json!({ "user_id": buyer, "offer_id": offer, "tickets": pack.tickets });
    tx.record(Change::created("ticket_purchase", payment, after));
    Ok(())
}

/// The pack is paid: its tickets are in the wallet.
pub(crate) async fn sold(tx: &mut Tx, payment: &Payment) -> Result<()> {
    let org = tx.org()?;
    let tickets = sqlx::query_scalar!(
        "select tickets from ticket_purchases where org_id = $1 and payment_id = $2",
        org.0,
        payment.id.0
    )
    .fetch_one(tx.conn())
    .await?;
    let buyer = payment.user.ok_or_else(|| Fault::corrupt("payments", "nobody bought tickets"))?;
    let tickets = Money { amount: tickets.into(), currency: Currency::Tkt };
    postings::tickets_sold(tx, payment.id, (payment.source()?, payment.amount), (buyer, tickets)).await?;
    wallet::tell_credited(tx, buyer, tickets, ("payment", payment.id.into())).await
}
