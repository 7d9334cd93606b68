//! Reads shared by the operations on invitations.

use crate::{
    db::Tx,
    error::{Fault, Result},
    identity::Identifier,
    ids::*,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// How an invitation may stand.
pub const STATES: [&str; 4] = ["open", "accepted", "revoked", "expired"];

/// A way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// For whom.
    pub contact: Identifier,
    /// The role it gives.
    pub role: String,
    /// One of [`STATES`].
    pub state: String,
    /// How its letter stands: `none`, `queued`, `sending`, `sent` or `failed`.
    pub letter: String,
    /// Who invited; nobody when a list was read in.
    pub invited_by: Option<UserId>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// When it was used.
    pub accepted_at: Option<DateTime<Utc>>,
    /// By whom.
    pub accepted_by: Option<UserId>,
    /// When it was withdrawn.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    contact_kind: String,
    contact: String,
    role: String,
    state: String,
    letter: String,
    invited_by: Option<Uuid>,
    expires_at: DateTime<Utc>,
    accepted_at: Option<DateTime<Utc>>,
    accepted_by: Option<Uuid>,
    revoked_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Invitation {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let contact = match row.contact_kind.as_str() {
            "email" => Identifier::Email(row.contact),
            "phone" => Identifier::Phone(row.contact),
            other => return Err(Fault::corrupt("invitations.contact_kind", other)),
        };
        Ok(Self {
            id: row.id.into(),
            contact,
            role: row.role,
            state: row.state,
            letter: row.letter,
            invited_by: row.invited_by.map(UserId),
            expires_at: row.expires_at,
            accepted_at: row.accepted_at,
            accepted_by: row.accepted_by.map(UserId),
            revoked_at: row.revoked_at,
            created_at: row.created_at,
        })
    }
}

macro_rules! invitation_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select i.id, i.contact_kind, i.contact, i.role,
                      case when i.accepted_at is not null then 'accepted' when i.revoked_at is not null then 'revoked'
                           when i.expires_at <= $2 then 'expired' else 'open' end as "state!",
                      i.letter, i.invited_by, i.expires_at, i.accepted_at, i.accepted_by, i.revoked_at, i.created_at
               from invitations i where i.org_id = $1 and $2::timestamptz is not null "# + $tail,
            $($argument),*
        )
    };
}

/// The invitations of this organization in these states, or all of them, the latest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, states: &[String], page: Page) -> Result<Listed<Invitation>> {
    let (org, now) = (tx.org()?, tx.now());
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from invitations i
           where i.org_id = $1
             and (cardinality($3::text[]) = 0
                  or case when i.accepted_at is not null then 'accepted' when i.revoked_at is not null then 'revoked'
                          when i.expires_at <= $2 then 'expired' else 'open' end = any($3))"#,
        org.0,
        now,
        states
    )
    .fetch_one(tx.conn())
    .await?;
    let rows = invitation_rows!(
        "and (cardinality($3::text[]) = 0
              or case when i.accepted_at is not null then 'accepted' when i.revoked_at is not null then 'revoked'
                      when i.expires_at <= $2 then 'expired' else 'open' end = any($3))
         order by i.created_at desc, i.id limit $4 offset $5",
        org.0,
        now,
        states,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let items = rows.into_iter().map(Invitation::try_from).collect::<Result<Vec<_>, Fault>>()?;
    Ok(Listed { items, total })
}

/// One invitation of this organization.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find(tx: &mut Tx, id: InvitationId) -> Result<Invitation> {
    let (org, now) = (tx.org()?, tx.now());
    let row = invitation_rows!("and i.id = $3", org.0, now, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    Ok(row.try_into()?)
}

/// The same, locked for change.
pub(super) async fn lock(tx: &mut Tx, id: InvitationId) -> Result<Invitation> {
    let (org, now) = (tx.org()?, tx.now());
    let row = invitation_rows!("and i.id = $3 for update of i", org.0, now, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    Ok(row.try_into()?)
}
