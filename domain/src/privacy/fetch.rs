//! Fetching the own copy while it is kept.

use super::export::purpose;
use crate::{db::Tx, error::Result, ids::*, refusals::Refusal};

/// The copy as it was made: one JSON document. Never log it.
///
/// # Errors
/// [`Refusal::NotFound`] when it is not theirs, [`Refusal::StateConflict`] before it was made,
/// [`Refusal::ExportExpired`] afterwards.
pub async fn fetch_export(tx: &mut Tx, user: UserId, id: ExportId) -> Result<Vec<u8>> {
    let (org, now) = (tx.org()?, tx.now());
    let copy = sqlx::query!(
        "select e.document, e.expires_at, o.status
         from person_exports e join operations o on o.org_id = e.org_id and o.id = e.operation_id
         where e.org_id = $1 and e.id = $2 and e.user_id = $3",
        org.0,
        id.0,
        user.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    let Some(expires_at) = copy.expires_at else { return Err(Refusal::StateConflict { status: copy.status }.into()) };
    match copy.document.filter(|_| now < expires_at) {
        Some(sealed) => Ok(tx.keys()?.open(&purpose(id), &sealed)?),
        None => Err(Refusal::ExportExpired { expired_at: expires_at }.into()),
    }
}
