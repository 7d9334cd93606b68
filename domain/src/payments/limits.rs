//! Who failed too often waits (L23): cards of one person, wallets by their number whoever names them, and a pause after
//! each failure. The organization's settings say how much is too often.

use crate::{db::Tx, error::Result, ids::UserId, organizations, refusals::Refusal};

/// Refuses another attempt of somebody whose last ones failed.
pub(super) async fn must_not_insist(tx: &mut Tx, payer: UserId, method: &str, phone: Option<&str>) -> Result<()> {
    let limits = organizations::load(tx).await?.settings.failed_payments;
    let (org, now) = (tx.org()?, tx.now());
    let failed = sqlx::query!(
        r#"select count(*) filter (where user_id = $2 and method = 'card') as "cards!",
                  count(*) filter (where payer_phone = $3) as "of_phone!",
                  extract(epoch from $5 - max(updated_at) filter (where user_id = $2 and method = $4))::bigint as quiet
           from payments where org_id = $1 and direction = 'in' and status = 'failed'
             and created_at > $5::timestamptz - interval '24 hours' and (user_id = $2 or payer_phone = $3)"#,
        org.0,
        payer.0,
        phone,
        method,
        now
    )
    .fetch_one(tx.conn())
    .await?;
    let cards = if method == "card" { failed.cards } else { 0 };
    below("failed_payments.cards_per_day", limits.cards_per_day, cards)?;
    below("failed_payments.phone_per_day", limits.phone_per_day, failed.of_phone)?;
    let pause = i64::from(limits.pause_seconds);
    match failed.quiet {
        Some(quiet) if quiet < pause => {
            Err(Refusal::Policy { rule: "failed_payments.pause_seconds", limit: pause, value: quiet }.into())
        }
        _ => Ok(()),
    }
}

fn below(rule: &'static str, limit: u32, value: i64) -> Result<()> {
    let limit = i64::from(limit);
    if value < limit { Ok(()) } else { Err(Refusal::Policy { rule, limit, value }.into()) }
}
