//! The current person, as they see themselves (C23).

use crate::{db::Tx, error::Result, ids::*, refusals::Refusal};
use chrono::{DateTime, NaiveDate, Utc};

/// Everything a person sees about themselves.
#[derive(Debug, Clone)]
pub struct Me {
    /// Their id.
    pub id: UserId,
    /// How they are called.
    pub full_name: String,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// In their own words.
    pub gender: Option<String>,
    /// When they were born.
    pub birthdate: Option<NaiveDate>,
    /// Language of messages: `fr` or `en`.
    pub locale: String,
    /// IANA zone; the organization's when unset.
    pub timezone: Option<String>,
    /// Sum of the stars they got.
    pub rating_sum: i32,
    /// How often they were rated.
    pub rating_count: i32,
    /// Counts changes.
    pub version: i32,
    /// When they came.
    pub created_at: DateTime<Utc>,
    /// The names they sign in with.
    pub identities: Vec<MyIdentity>,
    /// Where they belong.
    pub organizations: Vec<MyOrganization>,
}

impl Me {
    /// The name they chose, if they chose one.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.identities.iter().find(|identity| identity.kind == "username").map(|identity| identity.value.as_str())
    }
}

/// One name a person signs in with.
#[derive(Debug, Clone)]
pub struct MyIdentity {
    /// `email`, `phone`, `username` or `external`.
    pub kind: String,
    /// The address, number or name.
    pub value: String,
    /// When they proved that it is theirs.
    pub verified_at: Option<DateTime<Utc>>,
}

/// An organization a person belongs to.
#[derive(Debug, Clone)]
pub struct MyOrganization {
    /// Its id.
    pub id: OrgId,
    /// Its public short name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// `active` or `suspended`.
    pub status: String,
}

/// The current person, with identities and organizations. Needs no organization on the transaction.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn me(tx: &mut Tx, user: UserId) -> Result<Me> {
    let person = sqlx::query!(
        "select full_name, first_name, last_name, gender, birthdate, locale, timezone, rating_sum, rating_count, version,
                created_at
         from users where id = $1",
        user.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    let identities = sqlx::query_as!(
        MyIdentity,
        "select kind, value, verified_at from identities where user_id = $1 order by created_at, kind",
        user.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Me {
        id: user,
        full_name: person.full_name,
        first_name: person.first_name,
        last_name: person.last_name,
        gender: person.gender,
        birthdate: person.birthdate,
        locale: person.locale,
        timezone: person.timezone,
        rating_sum: person.rating_sum,
        rating_count: person.rating_count,
        version: person.version,
        created_at: person.created_at,
        identities,
        organizations: my_organizations(tx, user).await?,
    })
}

/// The active organizations a person belongs to, also before one is chosen (CX10). One they were removed from is not
/// among them.
///
/// # Errors
/// A fault when the database fails.
pub async fn my_organizations(tx: &mut Tx, user: UserId) -> Result<Vec<MyOrganization>> {
    Ok(sqlx::query_as!(
        MyOrganization,
        r#"select o.id as "id: OrgId", o.slug, o.name, m.status as "status!"
           from my_memberships($1) m join organizations o on o.id = m.org_id
           where o.status = 'active' and m.status <> 'removed' order by o.name, o.id"#,
        user.0
    )
    .fetch_all(tx.conn())
    .await?)
}
