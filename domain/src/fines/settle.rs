//! A fine's money has arrived (J21): the fine is paid, once, in the commit of its books.

use super::{Fine, Status, lock, queries::store};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    notifications::{self, Notice, NoticeKind},
};
use serde_json::json;

/// Marks the fine as paid. Answers `None` when it is not due any more: then the money has to go back.
pub(crate) async fn paid(tx: &mut Tx, id: FineId) -> Result<Option<Fine>> {
    let before = lock(tx, id).await?;
    if before.status != Status::Due {
        return Ok(None);
    }
    let after = Fine { status: Status::Paid, paid_at: Some(tx.now()), ..before.clone() };
    let after = store(tx, &before, after).await?;
    tell(tx, &after, News { kind: NoticeKind::FinePaid, about: "paid".into() }).await?;
    Ok(Some(after))
}

/// Tells that a payment of the fine came too late or twice, and goes back.
pub(crate) async fn tell_money_returned(tx: &mut Tx, id: FineId, payment: PaymentId) -> Result<()> {
    let fine = lock(tx, id).await?;
    tell(tx, &fine, News { kind: NoticeKind::FineMoneyReturned, about: payment.to_string() }).await
}

/// Tells that a payment of the fine did not come about; it is still due.
pub(crate) async fn tell_payment_failed(tx: &mut Tx, id: FineId, payment: PaymentId) -> Result<()> {
    let fine = lock(tx, id).await?;
    if fine.status != Status::Due {
        return Ok(());
    }
    tell(tx, &fine, News { kind: NoticeKind::FinePaymentFailed, about: payment.to_string() }).await
}

/// What is told, and what makes it one message.
pub(super) struct News {
    pub kind: NoticeKind,
    pub about: String,
}

pub(super) async fn tell(tx: &mut Tx, fine: &Fine, news: News) -> Result<()> {
    let News { kind, about } = news;
    let notice = Notice {
        user: fine.user,
        kind,
        subject_type: "fine",
        subject_id: fine.id.into(),
        payload: json!({ "amount": fine.amount.amount, "currency": fine.amount.currency }),
        dedupe_key: format!("fine/{}/{}/{about}", fine.id, kind.code()),
    };
    notifications::notify(tx, notice).await
}
