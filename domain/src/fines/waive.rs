//! A fine is forgiven (SN7): by somebody who may, who says why. Nothing moves in the books: nothing was paid.

use super::{
    Fine, Status, lock,
    queries::store,
    settle::{News, tell},
};
use crate::{db::Tx, error::Result, ids::*, notifications::NoticeKind, payments, refusals::Refusal};

/// Waives a fine that is due; an open checkout of it is closed.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::StateConflict`], [`Refusal::Invalid`] without a reason.
pub async fn waive(tx: &mut Tx, by: UserId, id: FineId, reason: String) -> Result<Fine> {
    let reason = reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > 1_000 || reason.contains('\0') {
        return Err(Refusal::invalid("reason", "must have 1 to 1000 characters").into());
    }
    let before = lock(tx, id).await?;
    if before.status != Status::Due {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    let after = Fine {
        status: Status::Waived,
        waived_at: Some(tx.now()),
        waived_by: Some(by),
        waived_reason: Some(reason),
        ..before.clone()
    };
    let after = store(tx, &before, after).await?;
    payments::close_open(tx, "fine", id.into()).await?;
    tell(tx, &after, News { kind: NoticeKind::FineWaived, about: "waived".into() }).await?;
    Ok(after)
}
