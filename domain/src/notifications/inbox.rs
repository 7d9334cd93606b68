//! What a person was told, in the app (SN2, R3).

use super::wording::{self, Locale, NoticeKind};
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    organizations,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// One notification in words.
#[derive(Debug, Clone)]
pub struct InboxItem {
    /// Its id.
    pub id: NotificationId,
    /// The code of a [`NoticeKind`].
    pub kind: String,
    /// First line.
    pub title: String,
    /// The whole message.
    pub body: String,
    /// What kind of thing it is about.
    pub subject_type: String,
    /// What it is about.
    pub subject_id: Uuid,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// What a person was told in this organization, the newest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn inbox(tx: &mut Tx, user: UserId, page: Page) -> Result<Listed<InboxItem>> {
    let zone = organizations::load(tx).await?.timezone;
    let org = tx.org()?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from notifications where org_id = $1 and user_id = $2"#,
        org.0,
        user.0
    )
    .fetch_one(tx.conn())
    .await?;
    let rows = sqlx::query!(
        "select id, kind, subject_type, subject_id, payload, locale, read_at, created_at from notifications
         where org_id = $1 and user_id = $2 order by created_at desc, id limit $3 offset $4",
        org.0,
        user.0,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let kind = NoticeKind::from_code(&row.kind).ok_or_else(|| Fault::corrupt("notifications.kind", &row.kind))?;
        let words = wording::render(kind, Locale::from_code(&row.locale), &row.payload, zone)?;
        items.push(InboxItem {
            id: row.id.into(),
            kind: row.kind,
            title: words.title,
            body: words.body,
            subject_type: row.subject_type,
            subject_id: row.subject_id,
            read_at: row.read_at,
            created_at: row.created_at,
        });
    }
    Ok(Listed { items, total })
}

/// Marks a notification as read; reading it again changes nothing.
///
/// # Errors
/// [`Refusal::NotFound`] when it is not theirs.
pub async fn mark_read(tx: &mut Tx, user: UserId, id: NotificationId) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let found = sqlx::query!(
        "update notifications set read_at = coalesce(read_at, $4) where org_id = $1 and id = $2 and user_id = $3",
        org.0,
        id.0,
        user.0,
        now
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if found == 1 { Ok(()) } else { Err(Refusal::NotFound.into()) }
}
