//! What the books hold of what a provider tells. A movement is told apart by our payment, or, where it is none of ours, by
//! the provider's reference.

use super::compare::Side;
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    ledger::postings::in_suspense,
    payments::{AccountRef, provider::AccountMovement},
};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use uuid::Uuid;

/// What a movement is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum About {
    /// A payment of ours.
    Payment(PaymentId),
    /// A reference of the provider that is no payment's own: a stranger's, or a second checkout of one.
    Reference(String),
}

impl About {
    /// As stored, and read again by [`About::read`].
    pub fn code(&self) -> String {
        match self {
            Self::Payment(id) => format!("payment/{id}"),
            Self::Reference(reference) => format!("ref/{reference}"),
        }
    }

    /// What was stored.
    pub fn read(code: &str) -> Self {
        match code.strip_prefix("payment/").and_then(|id| id.parse().ok()) {
            Some(id) => Self::Payment(id),
            None => Self::Reference(code.strip_prefix("ref/").unwrap_or(code).to_owned()),
        }
    }
}

/// A payment as far as comparing needs it.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub id: PaymentId,
    pub purpose: String,
    pub status: String,
}

/// What each movement is about, in their order; and the payment it has to do with, if any.
pub(super) async fn match_movements(
    tx: &mut Tx,
    account: &AccountRef,
    movements: &[AccountMovement],
) -> Result<Vec<(About, Option<Known>)>> {
    let org = tx.org()?;
    let refs: Vec<Option<String>> = movements.iter().map(|one| one.checkout_ref.clone()).collect();
    let paid: Vec<Option<String>> = movements.iter().map(|one| one.payment_ref.clone()).collect();
    let ours: Vec<Option<Uuid>> =
        movements.iter().map(|one| one.client_reference.as_deref().and_then(|id| id.parse().ok())).collect();
    let collected: Vec<bool> = movements.iter().map(|one| one.collected).collect();
    let rows = sqlx::query!(
        r#"select p.id as "id?: PaymentId", p.purpose as "purpose?", p.status as "status?", p.provider_ref as "provider_ref?"
           from unnest($3::text[], $4::text[], $5::uuid[], $6::bool[]) with ordinality
                as m (checkout_ref, payment_ref, ours, collected, n)
           left join lateral (
               select * from payments p
               where p.org_id = $1 and p.provider_account_id = $2
                 and p.direction = case when m.collected then 'in' else 'out' end
                 and (p.provider_ref = m.checkout_ref or p.id = m.ours or m.collected and p.transaction_ref = m.payment_ref)
               order by p.provider_ref = m.checkout_ref desc nulls last, p.id = m.ours desc nulls last limit 1) p on true
           order by m.n"#,
        org.0,
        account.id.0,
        &refs as &[Option<String>],
        &paid as &[Option<String>],
        &ours as &[Option<Uuid>],
        &collected
    )
    .fetch_all(tx.conn())
    .await?;
    let told = movements.iter().zip(rows).map(|(movement, row)| {
        let known = match (row.id, row.purpose, row.status) {
            (Some(id), Some(purpose), Some(status)) => Some(Known { id, purpose, status }),
            _ => None,
        };
        let reference = movement.checkout_ref.clone().unwrap_or_else(|| movement.reference.clone());
        let other = movement.collected && row.provider_ref.is_some_and(|own| own != reference);
        let about = match &known {
            Some(known) if !(other && movement.checkout_ref.is_some()) => About::Payment(known.id),
            _ => About::Reference(reference),
        };
        (about, known)
    });
    Ok(told.collect())
}

/// Payments whose money at the provider is in the books of this span, first booked there in it.
pub(super) async fn booked_between(
    tx: &mut Tx,
    account: ProviderAccountId,
    from: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<Vec<Known>> {
    let org = tx.org()?;
    Ok(sqlx::query_as!(
        Known,
        r#"select p.id as "id: PaymentId", p.purpose, p.status from payments p
           where p.org_id = $1 and p.provider_account_id = $2 and p.id in (
               select t.payment_id from accounts a
               join entries e on e.org_id = a.org_id and e.account_id = a.id
               join ledger_transactions t on t.org_id = e.org_id and t.id = e.transaction_id
               where a.org_id = $1 and a.owner_type = 'provider' and a.owner_id = $2
                 and t.kind not in ('reconciled', 'provider_fee')
               group by t.payment_id having min(t.occurred_at) >= $3 and min(t.occurred_at) < $4)
           order by p.id"#,
        org.0,
        account.0,
        from,
        before
    )
    .fetch_all(tx.conn())
    .await?)
}

/// What the books hold at the provider for each of these; nothing where they are silent. What a second checkout of a
/// payment brought is told under that checkout's reference.
pub(super) async fn held(tx: &mut Tx, account: &AccountRef, abouts: &[About]) -> Result<HashMap<About, Side>> {
    let mut sides = of_payments(tx, account, abouts).await?;
    sides.extend(of_references(tx, account, abouts).await?);
    Ok(sides)
}

async fn of_payments(tx: &mut Tx, account: &AccountRef, abouts: &[About]) -> Result<HashMap<About, Side>> {
    let org = tx.org()?;
    let ids: Vec<Uuid> = abouts
        .iter()
        .filter_map(|about| match about {
            About::Payment(id) => Some(id.0),
            About::Reference(_) => None,
        })
        .collect();
    let rows = sqlx::query!(
        r#"select p.id as "id: PaymentId", coalesce(sum(e.amount), 0)::bigint as "amount!",
                  coalesce(sum(e.amount) filter (where a.kind = 'provider_fees'), 0)::bigint as "fee!",
                  p.purpose in ('payout', 'withdrawal') or bool_or(a.kind = 'provider_fees') as "fee_told!",
                  min(t.occurred_at) filter (where t.kind not in ('reconciled', 'provider_fee')) as at
           from payments p
           join ledger_transactions t on t.org_id = p.org_id and t.payment_id = p.id and t.subject_id in (p.id, p.subject_id)
           join entries e on e.org_id = t.org_id and e.transaction_id = t.id
           join accounts a on a.org_id = e.org_id and a.id = e.account_id and a.kind in ('provider', 'provider_fees')
           where p.org_id = $1 and p.id = any ($2)
             and (not starts_with(t.dedupe_key, 'checkout/')
                  or starts_with(t.dedupe_key, concat('checkout/', $3::text, '/', p.provider_ref, '/suspense')))
           group by p.id, p.purpose"#,
        org.0,
        &ids,
        account.id.to_string()
    )
    .fetch_all(tx.conn())
    .await?;
    let side = |amount, fee: i64, told: bool, at| Side { amount, fee: told.then_some(fee), at };
    Ok(rows.into_iter().map(|row| (About::Payment(row.id), side(row.amount, row.fee, row.fee_told, row.at))).collect())
}

async fn of_references(tx: &mut Tx, account: &AccountRef, abouts: &[About]) -> Result<HashMap<About, Side>> {
    let org = tx.org()?;
    let (mut refs, mut keys) = (Vec::new(), Vec::new());
    for about in abouts {
        if let About::Reference(reference) = about {
            let key = in_suspense(account.id, reference);
            let later = ["explained", "adjusted", "reversed", "adjusted/reversed"].map(|word| format!("{key}/{word}"));
            for key in later.into_iter().chain([key]) {
                refs.push(reference.clone());
                keys.push(key);
            }
        }
    }
    let rows = sqlx::query!(
        r#"select k.reference as "reference!", sum(e.amount)::bigint as "amount!", min(t.occurred_at) as at
           from unnest($2::text[], $3::text[]) as k (reference, key)
           join ledger_transactions t on t.org_id = $1 and t.dedupe_key = k.key
           join entries e on e.org_id = t.org_id and e.transaction_id = t.id
           join accounts a on a.org_id = e.org_id and a.id = e.account_id and a.kind = 'provider'
           group by k.reference"#,
        org.0,
        &refs,
        &keys
    )
    .fetch_all(tx.conn())
    .await?;
    let side = |amount, at| Side { amount, fee: None, at };
    Ok(rows.into_iter().map(|row| (About::Reference(row.reference), side(row.amount, row.at))).collect())
}
