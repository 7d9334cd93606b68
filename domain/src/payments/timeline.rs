//! Everything that happened to a payment and to what it gave back, in order of time (CX40): calls to the provider, its
//! events, decisions, postings. Nothing secret is among it, and who paid is masked.

use super::find;
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::PaymentId,
    money::{Currency, Money},
};
use chrono::{DateTime, Utc};

/// The story of a payment.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// Whose story.
    pub payment: PaymentId,
    /// The number that pays, masked, where one was asked.
    pub payer: Option<String>,
    /// What happened, the first first.
    pub steps: Vec<TimelineStep>,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct TimelineStep {
    /// When.
    pub at: DateTime<Utc>,
    /// To which payment: this one, or one that gives it back.
    pub payment: PaymentId,
    /// `call`, `event`, `decision` or `posting`.
    pub kind: String,
    /// What was called, told, decided or posted.
    pub what: String,
    /// Of an event what became of it, of a decision the status that was reached.
    pub status: Option<String>,
    /// Who decided: `user`, `admin`, `machine` or `system`.
    pub by: Option<String>,
    /// Why, in our words or by the provider's code.
    pub note: Option<String>,
    /// Of a posting each account it moved: debit positive, credit negative.
    pub moves: Vec<(String, Money)>,
}

/// The story of this payment; the door checks who may hear it.
///
/// # Errors
/// [`crate::refusals::Refusal::NotFound`].
pub async fn timeline(tx: &mut Tx, id: PaymentId) -> Result<Timeline> {
    let payment = find(tx, id).await?;
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"with family as materialized (
               select id, purpose, subject_type, subject_id, status, calls from payments
               where org_id = $1 and (id = $2 or parent_id = $2)),
           told as (
               select 1 as rank, f.id as payment, (c.call ->> 'at')::timestamptz as at, lpad(c.nth::text, 9, '0') as nth,
                      'call' as kind, c.call ->> 'call' as what, null::text as status, null::text as by, null::text as note,
                      null::text[] as accounts, null::bigint[] as amounts, null::text[] as currencies
               from family f cross join jsonb_array_elements(f.calls) with ordinality c (call, nth)
               union all
               select 2, f.id, e.received_at, e.id::text, 'event', e.kind, e.status, null, e.note, null, null, null
               from family f join inbound_events e on e.org_id = $1 and e.payment_id = f.id
               union all
               select 3, f.id, a.created_at, a.id::text, 'decision', lower(a.action), a.after ->> 'status', a.actor_type,
                      a.after ->> 'failure_code', null, null, null
               from family f join audit_events a on a.org_id = $1 and a.entity_type = 'payment' and a.entity_id = f.id
               union all
               select 4, f.id, t.occurred_at, t.id::text, 'posting', t.kind, null, null, t.memo,
                      moved.accounts, moved.amounts, moved.currencies
               from family f
               join ledger_transactions t on t.org_id = $1 and (t.payment_id = f.id
                    or t.payment_id is null and f.purpose = 'booking' and f.status = 'succeeded'
                       and t.subject_type = f.subject_type and t.subject_id = f.subject_id)
               cross join lateral (
                   select array_agg(a.kind order by e.id) as accounts, array_agg(e.amount order by e.id) as amounts,
                          array_agg(e.currency order by e.id) as currencies
                   from entries e join accounts a on a.org_id = e.org_id and a.id = e.account_id
                   where e.org_id = $1 and e.transaction_id = t.id) moved)
           select payment as "payment!: PaymentId", at as "at!", kind as "kind!", what as "what!", status as "status?",
                  by as "by?", note as "note?", accounts as "accounts?", amounts as "amounts?",
                  currencies as "currencies?"
           from told order by at, rank, nth"#,
        org.0,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut steps = Vec::with_capacity(rows.len());
    for row in rows {
        let sums = row.amounts.unwrap_or_default().into_iter().zip(row.currencies.unwrap_or_default());
        let moves = row.accounts.unwrap_or_default().into_iter().zip(sums).map(|(account, (amount, currency))| {
            let currency: Currency = currency.parse().map_err(|e| Fault::corrupt("entries.currency", e))?;
            Ok((account, Money { amount, currency }))
        });
        steps.push(TimelineStep {
            at: row.at,
            payment: row.payment,
            kind: row.kind,
            what: row.what,
            status: row.status,
            by: row.by,
            note: row.note,
            moves: moves.collect::<Result<_>>()?,
        });
    }
    Ok(Timeline { payment: id, payer: payment.payer_phone.as_deref().map(masked), steps })
}

/// The country and the last two digits: enough for its owner to know it again.
fn masked(number: &str) -> String {
    let shown = |at: usize, of: usize| at < 4 || at + 2 >= of;
    let length = number.chars().count();
    number.chars().enumerate().map(|(at, digit)| if shown(at, length) { digit } else { '•' }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_number_is_known_again_and_not_told() {
        assert_eq!(super::masked("+2250700000042"), "+225••••••••42");
        assert_eq!(super::masked(""), "");
    }
}
