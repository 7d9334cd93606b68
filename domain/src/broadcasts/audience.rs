//! To whom a broadcast goes.

use super::Broadcast;
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    notifications::wording::Locale,
    refusals::Refusal,
};
use uuid::Uuid;

/// People who may be listed one by one.
const MOST_MEMBERS: usize = 1_000;

/// The people a broadcast is for: those who belong to it when the walk comes to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Every active member of the organization.
    Everybody,
    /// Those with this role.
    Role(String),
    /// Those whose site this is (B15).
    Site(Uuid),
    /// These, 1 to 1000.
    Members(Vec<UserId>),
}

impl Audience {
    /// As stored and served.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::Role(_) => "role",
            Self::Site(_) => "site",
            Self::Members(_) => "members",
        }
    }

    /// Makes sure that there is such an audience here: another organization's does not exist.
    pub(super) async fn check(&self, tx: &mut Tx) -> Result<()> {
        let org = tx.org()?;
        let known = match self {
            Self::Everybody => true,
            Self::Role(role) => {
                let sql = sqlx::query_scalar!(
                    r#"select exists (select from roles where org_id = $1 and name = $2) as "yes!""#,
                    org.0,
                    role
                );
                sql.fetch_one(tx.conn()).await?
            }
            Self::Site(site) => {
                let sql = sqlx::query_scalar!(
                    r#"select exists (select from memberships where org_id = $1 and site_id = $2) as "yes!""#,
                    org.0,
                    site
                );
                sql.fetch_one(tx.conn()).await?
            }
            Self::Members(members) => {
                if !(1..=MOST_MEMBERS).contains(&members.len()) {
                    let problem = format!("must name 1 to {MOST_MEMBERS} people");
                    return Err(Refusal::invalid("audience.user_ids", problem).into());
                }
                let ids: Vec<Uuid> = members.iter().map(|&member| member.into()).collect();
                let sql = sqlx::query_scalar!(
                    r#"select not exists (
                           select from unnest($2::uuid[]) as named (id)
                           where not exists (select from memberships m where m.org_id = $1 and m.user_id = named.id))
                       as "yes!""#,
                    org.0,
                    &ids
                );
                sql.fetch_one(tx.conn()).await?
            }
        };
        if known { Ok(()) } else { Err(Refusal::NotFound.into()) }
    }

    /// The parts as columns: audience, role, site, members.
    pub(super) fn columns(&self) -> (&'static str, Option<&str>, Option<Uuid>, Vec<Uuid>) {
        let (role, site, members) = match self {
            Self::Everybody => (None, None, Vec::new()),
            Self::Role(role) => (Some(role.as_str()), None, Vec::new()),
            Self::Site(site) => (None, Some(*site), Vec::new()),
            Self::Members(members) => (None, None, members.iter().map(|&member| member.into()).collect()),
        };
        (self.code(), role, site, members)
    }

    pub(super) fn of(audience: &str, role: Option<String>, site: Option<Uuid>, members: Vec<Uuid>) -> Result<Self> {
        match (audience, role, site) {
            ("everybody", ..) => Ok(Self::Everybody),
            ("role", Some(role), _) => Ok(Self::Role(role)),
            ("site", _, Some(site)) => Ok(Self::Site(site)),
            ("members", ..) => Ok(Self::Members(members.into_iter().map(UserId).collect())),
            _ => Err(Fault::corrupt("broadcasts.audience", audience).into()),
        }
    }
}

/// Somebody the walk comes to.
pub(super) struct Hearer {
    pub user: UserId,
    pub locale: Locale,
    /// Suspended and erased people are told nothing; only a list can name them.
    pub active: bool,
}

/// The next people of the audience, in the order of their ids.
pub(super) async fn next(tx: &mut Tx, broadcast: &Broadcast, most: i64) -> Result<Vec<Hearer>> {
    let org = tx.org()?;
    let (_, role, site, members) = broadcast.audience.columns();
    let listed = !members.is_empty();
    let rows = sqlx::query!(
        r#"select m.user_id as "user: UserId", coalesce(p.locale, u.locale) as "locale!",
                  m.status = 'active' and u.status = 'active' as "active!"
           from memberships m join users u on u.id = m.user_id
           left join preferences p on p.org_id = m.org_id and p.user_id = m.user_id
           where m.org_id = $1 and ($2::uuid is null or m.user_id > $2)
             and (m.user_id = any($3) or not $4 and m.status = 'active' and u.status = 'active')
             and ($5::text is null or exists (select from membership_roles r where r.org_id = m.org_id
                                              and r.user_id = m.user_id and r.role = $5))
             and ($6::uuid is null or m.site_id = $6)
           order by m.user_id limit $7"#,
        org.0,
        broadcast.walked_to.map(|user| user.0),
        &members,
        listed,
        role,
        site,
        most
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Hearer { user: row.user, locale: Locale::from_code(&row.locale), active: row.active })
        .collect())
}
