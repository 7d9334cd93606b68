//! Approving a document (N5, N6). An approved driving licence makes its holder a driver.

use super::{Document, queries};
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    ids::*,
    notifications::{Notice, NoticeKind, notify},
    organizations::{members, roles},
    refusals::Refusal,
};
use serde_json::json;

/// Approves a pending document and tells its holder.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::StateConflict`] when it was reviewed before.
pub async fn approve(tx: &mut Tx, id: KycId, notes: Option<&str>) -> Result<Document> {
    let document = review(tx, id, "approved", notes).await?;
    if document.doc_type == "driving_licence" && roles::exists(tx, "driver").await? {
        members::grant(tx, document.user_id, "driver").await?;
    }
    notify(
        tx,
        Notice {
            user: document.user_id,
            kind: NoticeKind::KycApproved,
            subject_type: "kyc_document",
            subject_id: id.into(),
            payload: json!({ "doc_type": document.doc_type }),
            dedupe_key: format!("kyc_approved/{id}"),
        },
    )
    .await?;
    Ok(document)
}

/// Moves a pending document to its verdict, on behalf of the transaction's actor.
pub(super) async fn review(tx: &mut Tx, id: KycId, verdict: &str, notes: Option<&str>) -> Result<Document> {
    if notes.is_some_and(|notes| notes.chars().count() > 2_000) {
        return Err(Refusal::invalid("notes", "must have at most 2000 characters").into());
    }
    let before = queries::lock(tx, id).await?;
    if before.status != "pending" {
        return Err(Refusal::StateConflict { status: before.status }.into());
    }
    let (org, now, reviewer) = (tx.org()?, tx.now(), tx.actor().user());
    sqlx::query!(
        "update kyc_documents set status = $3, notes = $4, reviewed_by = $5, reviewed_at = $6
         where org_id = $1 and id = $2",
        org.0,
        id.0,
        verdict,
        notes,
        reviewer.map(|user| user.0),
        now
    )
    .execute(tx.conn())
    .await?;
    let (was, is) = (json!({ "status": "pending" }), json!({ "status": verdict, "notes": notes }));
    tx.record(Change::moved("kyc_document", id, was, is));
    queries::find(tx, id).await
}
