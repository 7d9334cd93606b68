//! Rejecting a document (N5, N6).

use super::{Document, approve::review};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    notifications::{Notice, NoticeKind, notify},
    refusals::Refusal,
};
use serde_json::json;

/// Rejects a pending document and tells its holder why.
///
/// # Errors
/// [`Refusal::Invalid`] without `notes`; [`Refusal::NotFound`]; [`Refusal::StateConflict`] when it was reviewed before.
pub async fn reject(tx: &mut Tx, id: KycId, notes: &str) -> Result<Document> {
    let notes = notes.trim();
    if notes.is_empty() {
        return Err(Refusal::invalid("notes", "must say why").into());
    }
    let document = review(tx, id, "rejected", Some(notes)).await?;
    notify(
        tx,
        Notice {
            user: document.user_id,
            kind: NoticeKind::KycRejected,
            subject_type: "kyc_document",
            subject_id: id.into(),
            payload: json!({ "doc_type": document.doc_type, "notes": notes }),
            dedupe_key: format!("kyc_rejected/{id}"),
        },
    )
    .await?;
    Ok(document)
}
