//! Where the money of a payment is now, in one word (SN5): its status says how it came, this says whether it stayed.

use super::{Payment, settle::disagrees};
use crate::{db::Tx, error::Result};

/// The word for one payment. Of money that came: `settled`, `returning`, `returned`, `partly_returned`, `return_failed` (a
/// person must send it), `disputed`, `charged_back`; `in_review` when a person must look, `set_aside` when one decided that it
/// stays in suspense. Else its status.
///
/// # Errors
/// A fault when the database fails.
pub async fn standing(tx: &mut Tx, payment: &Payment) -> Result<&'static str> {
    let org = tx.org()?;
    let of = sqlx::query!(
        r#"select coalesce(sum(amount) filter (where purpose = 'refund' and status = 'succeeded'), 0)::bigint as "back!",
                  count(*) filter (where purpose = 'refund' and status in ('scheduled', 'processing', 'manual'))
                      as "returning!",
                  count(*) filter (where purpose = 'refund' and status = 'failed') as "not_returned!",
                  count(*) filter (where purpose = 'chargeback' and status = 'processing') as "disputed!",
                  count(*) filter (where purpose = 'chargeback' and status = 'succeeded') as "charged_back!"
           from payments where org_id = $1 and subject_id = $2 and subject_type = 'payment'"#,
        org.0,
        payment.id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(match payment.status.as_str() {
        "unknown" => "in_review",
        "manual" => "by_hand",
        "succeeded" if payment.direction == "out" => "sent",
        "succeeded" if of.disputed > 0 => "disputed",
        "succeeded" if of.charged_back > 0 => "charged_back",
        "succeeded" if of.returning > 0 => "returning",
        "succeeded" if of.back >= payment.amount.amount => "returned",
        "succeeded" if of.not_returned > 0 => "return_failed",
        "succeeded" if of.back > 0 => "partly_returned",
        "succeeded" => "settled",
        "failed" if of.returning > 0 => "returning",
        "failed" if of.back > 0 => "returned",
        "failed" if of.not_returned > 0 => "return_failed",
        "failed" if payment.direction == "in" && disagrees(payment) => "set_aside",
        "failed" | "expired" => "ended",
        _ => "under_way",
    })
}
