//! Small reads about people that other areas need.

use super::Identifier;
use crate::{db::Tx, error::Result, ids::UserId, refusals::Refusal};

/// The person this identifier names, whatever their status.
///
/// # Errors
/// A fault when the database fails.
pub async fn find_user(tx: &mut Tx, identifier: &Identifier) -> Result<Option<UserId>> {
    let user = sqlx::query_scalar!(
        "select user_id from identities where kind = $1 and issuer = '' and value = $2",
        identifier.kind(),
        identifier.value()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(user.map(UserId))
}

/// How a person is called; may be empty.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn full_name(tx: &mut Tx, user: UserId) -> Result<String> {
    sqlx::query_scalar!("select full_name from users where id = $1", user.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(|| Refusal::NotFound.into())
}

/// Their phone, E.164; a proved one before any other.
///
/// # Errors
/// A fault when the database fails.
pub async fn phone_of(tx: &mut Tx, user: UserId) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "select value from identities where user_id = $1 and kind = 'phone' and issuer = ''
         order by verified_at nulls last limit 1",
        user.0
    )
    .fetch_optional(tx.conn())
    .await?)
}
