//! What a person was told, in the app (SN2, R3): everything, whatever they switched off, with what became of it on the
//! other channels.

use super::wording::{self, Locale, NoticeKind};
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    organizations,
    paging::Page,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde_json::Value;
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
    /// How else it travelled: `[{channel, status, send_at, sent_at}]`.
    pub deliveries: Value,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// A place in the inbox: just after this notification, going back in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// Which it is.
    pub id: NotificationId,
}

/// Which part of the inbox is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Rows from the start, or from `after`.
    pub page: Page,
    /// Where to go on, so that what arrives meanwhile moves nothing.
    pub after: Option<Mark>,
    /// Only what was not read.
    pub unread: bool,
}

/// A part of an inbox.
#[derive(Debug, Clone)]
pub struct Inbox {
    /// The newest first.
    pub items: Vec<InboxItem>,
    /// How many there are of the wanted kind.
    pub total: i64,
    /// How many were not read.
    pub unread: i64,
    /// Where to go on, if there is more.
    pub next: Option<Mark>,
}

/// What a person was told in this organization, the newest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn inbox(tx: &mut Tx, user: UserId, wanted: Wanted) -> Result<Inbox> {
    let zone = organizations::load(tx).await?.timezone;
    let (org, Wanted { page, after, unread }) = (tx.org()?, wanted);
    let (everything, not_read) = counts(tx, user).await?;
    let rows = sqlx::query!(
        r#"select n.id, n.kind, n.subject_type, n.subject_id, n.payload, n.locale, n.read_at, n.created_at,
                  coalesce((select jsonb_agg(jsonb_build_object('channel', d.channel, 'status', d.status,
                                                                'send_at', d.send_at, 'sent_at', d.sent_at)
                                             order by d.channel, d.created_at)
                            from deliveries d where d.org_id = n.org_id and d.notification_id = n.id), '[]')
                      as "deliveries!"
           from notifications n
           where n.org_id = $1 and n.user_id = $2 and (not $3 or n.read_at is null)
             and ($4::timestamptz is null or (n.created_at, n.id) < ($4, $5))
           order by n.created_at desc, n.id desc limit $6 offset $7"#,
        org.0,
        user.0,
        unread,
        after.map(|mark| mark.created_at),
        after.map(|mark| mark.id.0),
        page.limit + 1, // one more tells whether there is more
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
            deliveries: row.deliveries,
            read_at: row.read_at,
            created_at: row.created_at,
        });
    }
    let most = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let more = items.len() > most;
    items.truncate(most);
    let next = items.last().filter(|_| more).map(|last| Mark { created_at: last.created_at, id: last.id });
    Ok(Inbox { items, total: if unread { not_read } else { everything }, unread: not_read, next })
}

async fn counts(tx: &mut Tx, user: UserId) -> Result<(i64, i64)> {
    let org = tx.org()?;
    let counted = sqlx::query!(
        r#"select count(*) as "everything!", count(*) filter (where read_at is null) as "unread!"
           from notifications where org_id = $1 and user_id = $2"#,
        org.0,
        user.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((counted.everything, counted.unread))
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

/// Marks everything up to the notification `newest` as read, or everything there is: what arrived after the person
/// looked stays unread. Answers how many were not read before.
///
/// # Errors
/// [`Refusal::NotFound`] when `newest` is not theirs.
pub async fn mark_all_read(tx: &mut Tx, user: UserId, newest: Option<NotificationId>) -> Result<u64> {
    let (org, now) = (tx.org()?, tx.now());
    let until = match newest {
        Some(id) => Some(
            sqlx::query_scalar!(
                "select created_at from notifications where org_id = $1 and id = $2 and user_id = $3",
                org.0,
                id.0,
                user.0
            )
            .fetch_optional(tx.conn())
            .await?
            .ok_or(Refusal::NotFound)?,
        ),
        None => None,
    };
    Ok(sqlx::query!(
        "update notifications set read_at = $3
         where org_id = $1 and user_id = $2 and read_at is null
           and ($4::timestamptz is null or (created_at, id) <= ($4, $5))",
        org.0,
        user.0,
        now,
        until,
        newest.map(|id| id.0)
    )
    .execute(tx.conn())
    .await?
    .rows_affected())
}
