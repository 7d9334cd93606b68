//! Reads about identity documents.

use super::SEAL;
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, NaiveDate, Utc};

/// A document, without its number.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its id.
    pub id: KycId,
    /// Whose it is.
    pub user_id: UserId,
    /// `national_id`, `passport` or `driving_licence`.
    pub doc_type: String,
    /// Where the picture of the front lies.
    pub front_key: String,
    /// Where the picture of the back lies.
    pub back_key: Option<String>,
    /// `pending`, `approved`, `rejected` or `expired`.
    pub status: String,
    /// The last day on which it is valid.
    pub expires_on: Option<NaiveDate>,
    /// What the reviewer had to say.
    pub notes: Option<String>,
    /// Who reviewed it.
    pub reviewed_by: Option<UserId>,
    /// When.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// When it was handed in.
    pub created_at: DateTime<Utc>,
}

macro_rules! documents {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Document,
            r#"select id as "id: KycId", user_id as "user_id: UserId", doc_type, front_key, back_key, status, expires_on,
                      notes, reviewed_by as "reviewed_by: UserId", reviewed_at, created_at
               from kyc_documents where org_id = $1 "# + $tail,
            $($argument),*
        )
    };
}

/// A person's own documents in this organization, the newest first (N3).
///
/// # Errors
/// A fault when the database fails.
pub async fn mine(tx: &mut Tx, user: UserId) -> Result<Vec<Document>> {
    let org = tx.org()?;
    Ok(documents!("and user_id = $2 order by created_at desc, id limit 200", org.0, user.0)
        .fetch_all(tx.conn())
        .await?)
}

/// Documents that wait for a review, the oldest first (N4).
///
/// # Errors
/// A fault when the database fails.
pub async fn pending(tx: &mut Tx, page: Page) -> Result<Listed<Document>> {
    let org = tx.org()?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from kyc_documents where org_id = $1 and status = 'pending'"#,
        org.0
    )
    .fetch_one(tx.conn())
    .await?;
    let items =
        documents!("and status = 'pending' order by created_at, id limit $2 offset $3", org.0, page.limit, page.offset)
            .fetch_all(tx.conn())
            .await?;
    Ok(Listed { items, total })
}

/// One document, locked against a second review.
pub(super) async fn lock(tx: &mut Tx, id: KycId) -> Result<Document> {
    let org = tx.org()?;
    documents!("and id = $2 for update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(|| Refusal::NotFound.into())
}

/// One document as it is now.
pub(super) async fn find(tx: &mut Tx, id: KycId) -> Result<Document> {
    let org = tx.org()?;
    documents!("and id = $2", org.0, id.0).fetch_optional(tx.conn()).await?.ok_or_else(|| Refusal::NotFound.into())
}

/// The number on a document, for the one who reviews it. Never log it.
///
/// # Errors
/// [`Refusal::NotFound`]; a fault when it does not open.
pub async fn number_for_review(tx: &mut Tx, id: KycId) -> Result<String> {
    let org = tx.org()?;
    let sealed = sqlx::query_scalar!("select doc_number from kyc_documents where org_id = $1 and id = $2", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    let plain = tx.keys()?.open(SEAL, &sealed)?;
    String::from_utf8(plain).map_err(|_| Fault::corrupt("kyc_documents.doc_number", "not text").into())
}

/// Whether the person has an approved document that is still valid today, in the organization's zone (N7, N10).
///
/// # Errors
/// A fault when the database fails.
pub async fn is_approved(tx: &mut Tx, user: UserId) -> Result<bool> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(sqlx::query_scalar!(
        r#"select exists(
               select 1 from kyc_documents d join organizations o on o.id = d.org_id
               where d.org_id = $1 and d.user_id = $2 and d.status = 'approved'
                 and (d.expires_on is null or d.expires_on >= ($3::timestamptz at time zone o.timezone)::date)) as "yes!""#,
        org.0,
        user.0,
        now
    )
    .fetch_one(tx.conn())
    .await?)
}
