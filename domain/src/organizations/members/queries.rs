//! Reads about members (C31, C34, V1).

use crate::{
    db::Tx,
    error::Result,
    ids::*,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};

/// A person in this organization, as those see them who look after its people.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// How they are called.
    pub full_name: String,
    /// The name they chose.
    pub username: Option<String>,
    /// Where mail reaches them.
    pub email: Option<String>,
    /// Where a call reaches them, E.164.
    pub phone: Option<String>,
    /// `active`, `suspended` or `removed`.
    pub status: String,
    /// Their roles, by name.
    pub roles: Vec<String>,
    /// Permissions on top of the roles, by code (D6).
    pub extra_permissions: Vec<String>,
    /// `standard` or `high` (D16).
    pub priority: String,
    /// The part of the organization they work in (C1).
    pub service: Option<String>,
    /// Their main site (B15).
    pub site: Option<SiteId>,
    /// Their department (B15).
    pub department: Option<DepartmentId>,
    /// When they joined.
    pub joined_at: DateTime<Utc>,
    /// When they were removed.
    pub removed_at: Option<DateTime<Utc>>,
    /// When they last signed in (C30).
    pub last_login_at: Option<DateTime<Utc>>,
    /// For `ETag` and `If-Match`.
    pub version: i32,
}

/// How to sort members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By name.
    Name,
    /// By name, from the end of the alphabet.
    NameBackwards,
    /// The first to join first.
    Joined,
    /// The last to join first.
    JoinedLast,
}

impl Order {
    fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::NameBackwards => "-name",
            Self::Joined => "joined",
            Self::JoinedLast => "-joined",
        }
    }
}

/// Which members to list.
#[derive(Debug, Clone)]
pub struct Filter {
    /// A part of their name, username, e-mail or phone; all when empty.
    pub query: String,
    /// Only these statuses; everybody who was not removed when empty.
    pub statuses: Vec<String>,
    /// Only those with this role.
    pub role: Option<String>,
    /// Only those with this priority.
    pub priority: Option<String>,
    /// Only those whose main site this is.
    pub site: Option<SiteId>,
    /// Only those who belong to this department.
    pub department: Option<DepartmentId>,
    /// Who joined at this time or later.
    pub joined_from: Option<DateTime<Utc>>,
    /// Who joined before.
    pub joined_before: Option<DateTime<Utc>>,
    /// In which order.
    pub order: Order,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            query: String::new(),
            statuses: Vec::new(),
            role: None,
            priority: None,
            site: None,
            department: None,
            joined_from: None,
            joined_before: None,
            order: Order::Name,
        }
    }
}

macro_rules! member_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Member,
            r#"select m.user_id as "user_id: UserId", u.full_name,
                      (select i.value from identities i where i.user_id = u.id and i.kind = 'username') as username,
                      (select i.value from identities i where i.user_id = u.id and i.kind = 'email'
                       order by i.verified_at nulls last, i.created_at, i.value limit 1) as email,
                      (select i.value from identities i where i.user_id = u.id and i.kind = 'phone'
                       order by i.verified_at nulls last, i.created_at, i.value limit 1) as phone,
                      m.status,
                      array(select r.role from membership_roles r
                            where r.org_id = m.org_id and r.user_id = m.user_id order by r.role) as "roles!",
                      m.extra_permissions, m.priority, m.service, m.site_id as "site: SiteId",
                      m.department_id as "department: DepartmentId", m.created_at as joined_at, m.removed_at,
                      (select max(s.authenticated_at) from sessions s where s.user_id = u.id) as last_login_at, m.version
               from memberships m join users u on u.id = m.user_id where m.org_id = $1 "# + $tail,
            $($argument),*
        )
    };
}

/// The members of this organization that fit.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, filter: &Filter, page: Page) -> Result<Listed<Member>> {
    let org = tx.org()?;
    let query = pattern(&filter.query);
    let (site, department) = (filter.site.map(|site| site.0), filter.department.map(|department| department.0));
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from memberships m join users u on u.id = m.user_id
           where m.org_id = $1
             and ($2::text is null or u.full_name ilike $2
                  or exists (select 1 from identities i where i.user_id = u.id and i.issuer = '' and i.value ilike $2))
             and (m.status = any($3) or cardinality($3::text[]) = 0 and m.status <> 'removed')
             and ($4::text is null or exists (select 1 from membership_roles r
                  where r.org_id = m.org_id and r.user_id = m.user_id and r.role = $4))
             and ($5::text is null or m.priority = $5)
             and ($6::timestamptz is null or m.created_at >= $6) and ($7::timestamptz is null or m.created_at < $7)
             and ($8::uuid is null or m.site_id = $8) and ($9::uuid is null or m.department_id = $9)"#,
        org.0,
        query.as_deref(),
        &filter.statuses,
        filter.role.as_deref(),
        filter.priority.as_deref(),
        filter.joined_from,
        filter.joined_before,
        site,
        department
    )
    .fetch_one(tx.conn())
    .await?;
    let items = member_rows!(
        "and ($2::text is null or u.full_name ilike $2
              or exists (select 1 from identities i where i.user_id = u.id and i.issuer = '' and i.value ilike $2))
         and (m.status = any($3) or cardinality($3::text[]) = 0 and m.status <> 'removed')
         and ($4::text is null or exists (select 1 from membership_roles r
              where r.org_id = m.org_id and r.user_id = m.user_id and r.role = $4))
         and ($5::text is null or m.priority = $5)
         and ($6::timestamptz is null or m.created_at >= $6) and ($7::timestamptz is null or m.created_at < $7)
         and ($8::uuid is null or m.site_id = $8) and ($9::uuid is null or m.department_id = $9)
         order by case when $10 = 'name' then u.full_name end, case when $10 = '-name' then u.full_name end desc,
                  case when $10 = 'joined' then m.created_at end, case when $10 = '-joined' then m.created_at end desc,
                  m.user_id
         limit $11 offset $12",
        org.0,
        query.as_deref(),
        &filter.statuses,
        filter.role.as_deref(),
        filter.priority.as_deref(),
        filter.joined_from,
        filter.joined_before,
        site,
        department,
        filter.order.code(),
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Listed { items, total })
}

/// Somebody who belongs to this organization or did.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find(tx: &mut Tx, user: UserId) -> Result<Member> {
    let org = tx.org()?;
    member_rows!("and m.user_id = $2", org.0, user.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(|| Refusal::NotFound.into())
}

/// How a person stands here; none when they never belonged.
pub(crate) async fn status(tx: &mut Tx, user: UserId) -> Result<Option<String>> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!("select status from memberships where org_id = $1 and user_id = $2", org.0, user.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// Text as it is looked for: anywhere, and meaning itself.
pub(in crate::organizations) fn pattern(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    (!text.is_empty()).then(|| format!("%{plain}%"))
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn what_is_looked_for_means_itself() {
        assert_eq!(pattern(" awa "), Some("%awa%".into()));
        assert_eq!(pattern(r"100%_\"), Some(r"%100\%\_\\%".into()));
        assert_eq!(pattern("  "), None);
    }
}
