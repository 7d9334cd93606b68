//! Who failed too often waits (L23): cards of one person, wallets by their number whoever names them, and a pause after
//! each failure. The organization's settings say how much is too often.
//!
//! Rivals wait for each other: for the person, and for the number. And once something failed, what is still under way
//! counts as if it would fail too, so that two opened at once do not both pass.

use super::queries;
use crate::{
    bookings,
    db::Tx,
    error::Result,
    ids::{PaymentId, UserId},
    jobs::Payments,
    organizations,
    refusals::Refusal,
};

/// What is paid by card.
const CARD: &str = "card";

/// Refuses another attempt of somebody whose last ones failed.
pub(super) async fn must_not_insist(tx: &mut Tx, payer: UserId, method: &str, phone: Option<&str>) -> Result<()> {
    let limits = organizations::load(tx).await?.settings.failed_payments;
    bookings::lock_person(tx, payer).await?;
    if let Some(phone) = phone {
        wait_for_rivals(tx, phone).await?;
    }
    let (org, now) = (tx.org()?, tx.now());
    let of_phone = sqlx::query!(
        r#"select count(*) filter (where status = 'failed') as "failed!",
                  count(*) filter (where status in ('created', 'submitted', 'authorized')) as "under_way!"
           from payments where org_id = $1 and direction = 'in' and payer_phone = $2
             and created_at > $3::timestamptz - interval '24 hours'"#,
        org.0,
        phone,
        now
    )
    .fetch_one(tx.conn())
    .await?;
    let quiet = sqlx::query_scalar!(
        r#"select extract(epoch from $4 - max(updated_at))::bigint
           from payments where org_id = $1 and direction = 'in' and status = 'failed' and user_id = $2 and method = $3
             and created_at > $4::timestamptz - interval '24 hours'"#,
        org.0,
        payer.0,
        method,
        now
    )
    .fetch_one(tx.conn())
    .await?;
    if method == CARD {
        let cards = cards_of(tx, payer).await?;
        below("failed_payments.cards_per_day", limits.cards_per_day, cards)?;
    }
    below("failed_payments.phone_per_day", limits.phone_per_day, (of_phone.failed, of_phone.under_way))?;
    let pause = i64::from(limits.pause_seconds);
    match quiet {
        Some(quiet) if quiet < pause => {
            Err(Refusal::Policy { rule: "failed_payments.pause_seconds", limit: pause, value: quiet }.into())
        }
        _ => Ok(()),
    }
}

/// The provider told of a try that failed inside a checkout, which goes on: with one too many it is closed. The event is
/// among what is counted.
pub(super) async fn attempt_failed(tx: &mut Tx, id: PaymentId) -> Result<()> {
    let payment = queries::find(tx, id).await?;
    let Some(payer) = payment.user.filter(|_| payment.method == CARD && payment.is_open()) else { return Ok(()) };
    let limits = organizations::load(tx).await?.settings.failed_payments;
    let (failed, _) = cards_of(tx, payer).await?;
    if failed >= i64::from(limits.cards_per_day) {
        tx.enqueue(&Payments::ExpireCheckout { payment: id });
    }
    Ok(())
}

/// Cards of a person that failed within a day, told by their payments or inside their checkouts; and payments by card
/// that are under way.
async fn cards_of(tx: &mut Tx, payer: UserId) -> Result<(i64, i64)> {
    let (org, now) = (tx.org()?, tx.now());
    let cards = sqlx::query!(
        r#"select count(*) filter (where p.status = 'failed' and p.created_at > $3::timestamptz - interval '24 hours')
                    + coalesce(sum(tried.times), 0)::bigint as "failed!",
                  count(*) filter (where p.status in ('created', 'submitted', 'authorized')) as "under_way!"
           from payments p
           cross join lateral (
               select count(*) as times from inbound_events e
               where e.org_id = p.org_id and e.payment_id = p.id and e.news ->> 'news' = 'attempt_failed'
                 and e.received_at > $3::timestamptz - interval '24 hours') tried
           where p.org_id = $1 and p.user_id = $2 and p.direction = 'in' and p.method = 'card'
             and p.created_at > $3::timestamptz - interval '48 hours'"#,
        org.0,
        payer.0,
        now
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((cards.failed, cards.under_way))
}

/// Two people who name one number wait for each other until the commit.
async fn wait_for_rivals(tx: &mut Tx, phone: &str) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 23))", format!("{org}/{phone}"))
        .execute(tx.conn())
        .await?;
    Ok(())
}

fn below(rule: &'static str, limit: u32, (failed, under_way): (i64, i64)) -> Result<()> {
    let limit = i64::from(limit);
    let value = if failed > 0 { failed + under_way } else { 0 };
    if value < limit { Ok(()) } else { Err(Refusal::Policy { rule, limit, value }.into()) }
}
