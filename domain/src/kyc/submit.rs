//! Handing in an identity document (N2).

use super::{Document, SEAL, queries};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::*,
    organizations,
    refusals::Refusal,
};
use chrono::NaiveDate;
use serde_json::json;

/// A document to review.
#[derive(Clone)]
pub struct NewDocument {
    /// `national_id`, `passport` or `driving_licence`.
    pub doc_type: String,
    /// 3 to 60 printable characters.
    pub doc_number: String,
    /// Where the picture of the front lies: 1 to 300 visible ASCII characters.
    pub front_key: String,
    /// Where the picture of the back lies.
    pub back_key: Option<String>,
    /// The last day on which it is valid.
    pub expires_on: Option<NaiveDate>,
}

/// Hands in a document. One of a type waits at a time.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field; [`Refusal::Conflict`] with `kyc_pending`; [`Refusal::NotFound`] when they
/// are no member.
pub async fn submit(tx: &mut Tx, user: UserId, new: &NewDocument) -> Result<Document> {
    let zone = organizations::load(tx).await?.timezone;
    check(new, tx.now().with_timezone(&zone).date_naive())?;
    let sealed = tx.keys()?.seal(SEAL, new.doc_number.trim().as_bytes())?;
    let (org, id) = (tx.org()?, KycId::new());
    sqlx::query!(
        "insert into kyc_documents (org_id, id, user_id, doc_type, doc_number, front_key, back_key, expires_on)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        org.0,
        id.0,
        user.0,
        new.doc_type,
        sealed,
        new.front_key,
        new.back_key,
        new.expires_on
    )
    .execute(tx.conn())
    .await
    .refuse_on("kyc_one_pending", Refusal::Conflict { reason: "kyc_pending" })
    .refuse_on("kyc_documents_org_id_user_id_fkey", Refusal::NotFound)?;
    let after = json!({ "user_id": user, "doc_type": new.doc_type, "status": "pending" });
    tx.record(Change::created("kyc_document", id, after));
    queries::find(tx, id).await
}

fn check(new: &NewDocument, today: NaiveDate) -> Result<()> {
    if !["national_id", "passport", "driving_licence"].contains(&new.doc_type.as_str()) {
        return Err(Refusal::invalid("doc_type", "must be national_id, passport or driving_licence").into());
    }
    let number = new.doc_number.trim();
    if !(3..=60).contains(&number.chars().count()) || number.chars().any(char::is_control) {
        return Err(Refusal::invalid("doc_number", "must have 3 to 60 printable characters").into());
    }
    for (field, key) in [("front_key", Some(&new.front_key)), ("back_key", new.back_key.as_ref())] {
        let good = |key: &String| (1..=300).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        if !key.is_none_or(good) {
            return Err(Refusal::invalid(field, "must have 1 to 300 visible ASCII characters").into());
        }
    }
    if new.expires_on.is_some_and(|day| day < today) {
        return Err(Refusal::invalid("expires_on", "must not be past").into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_must_be_of_a_known_type_readable_and_valid() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let good = NewDocument {
            doc_type: "driving_licence".into(),
            doc_number: "CI-123456".into(),
            front_key: "kyc/front.jpg".into(),
            back_key: None,
            expires_on: Some(today),
        };
        assert!(check(&good, today).is_ok());
        assert!(check(&NewDocument { doc_type: "library_card".into(), ..good.clone() }, today).is_err());
        assert!(check(&NewDocument { doc_number: " 1 ".into(), ..good.clone() }, today).is_err());
        assert!(check(&NewDocument { back_key: Some(String::new()), ..good.clone() }, today).is_err());
        assert!(check(&NewDocument { expires_on: today.pred_opt(), ..good }, today).is_err());
    }
}
