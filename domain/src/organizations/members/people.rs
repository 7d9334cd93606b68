//! What members see of one another (C32, C33): a name and a reputation, where the organization lets them look.

use super::queries::pattern;
use crate::{
    db::Tx,
    error::Result,
    ids::UserId,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};

/// A person as other members see them.
#[derive(Debug, Clone)]
pub struct PublicProfile {
    /// Who.
    pub user_id: UserId,
    /// How they are called.
    pub full_name: String,
    /// The name they chose.
    pub username: Option<String>,
    /// Sum of the stars they got.
    pub rating_sum: i32,
    /// How often they were rated.
    pub rating_count: i32,
    /// Bookings made for them that came to their end.
    pub bookings_completed: i64,
    /// When they joined.
    pub joined_at: DateTime<Utc>,
}

macro_rules! profile_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            PublicProfile,
            r#"select m.user_id as "user_id: UserId", u.full_name,
                      (select i.value from identities i where i.user_id = u.id and i.kind = 'username') as username,
                      u.rating_sum, u.rating_count,
                      (select count(*) from bookings b where b.org_id = m.org_id and b.beneficiary_user_id = m.user_id
                       and b.status = 'completed') as "bookings_completed!",
                      m.created_at as joined_at
               from memberships m join users u on u.id = m.user_id
               where m.org_id = $1 and m.status = 'active' and u.status = 'active' "# + $tail,
            $($argument),*
        )
    };
}

/// Active members whose name or username holds `text`, by name, without the one who asks.
///
/// # Errors
/// [`Refusal::Invalid`] on `q` unless it has 2 to 100 characters.
pub async fn look_up(tx: &mut Tx, asker: UserId, text: &str, page: Page) -> Result<Listed<PublicProfile>> {
    if !(2..=100).contains(&text.trim().chars().count()) {
        return Err(Refusal::invalid("q", "must have 2 to 100 characters").into());
    }
    let (org, text) = (tx.org()?, pattern(text));
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from memberships m join users u on u.id = m.user_id
           where m.org_id = $1 and m.status = 'active' and u.status = 'active' and m.user_id <> $2
             and (u.full_name ilike $3 or exists (select 1 from identities i
                  where i.user_id = u.id and i.kind = 'username' and i.value ilike $3))"#,
        org.0,
        asker.0,
        text
    )
    .fetch_one(tx.conn())
    .await?;
    let items = profile_rows!(
        "and m.user_id <> $2
         and (u.full_name ilike $3 or exists (select 1 from identities i
              where i.user_id = u.id and i.kind = 'username' and i.value ilike $3))
         order by u.full_name, m.user_id limit $4 offset $5",
        org.0,
        asker.0,
        text,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Listed { items, total })
}

/// One active member as others see them.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn profile_of(tx: &mut Tx, user: UserId) -> Result<PublicProfile> {
    let org = tx.org()?;
    profile_rows!("and m.user_id = $2", org.0, user.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(|| Refusal::NotFound.into())
}
