//! Who sends a request, asked once for all of it (C26, CX8, CX10, CX42): the session must live, the person be active,
//! the organization be theirs. Asked on every request, so that a revocation holds at once; one question, because every
//! request pays for it.

use super::Principal;
use crate::{db::Db, error::Result, ids::*, organizations::roles, permissions::Permission, refusals::Refusal};

/// Somebody whose session lives, with every organization they may act in.
#[derive(Debug, Clone)]
pub struct Admission {
    user: UserId,
    places: Vec<Place>,
}

/// One organization and what they may do there.
#[derive(Debug, Clone)]
struct Place {
    org: OrgId,
    slug: String,
    operator: bool,
    extra: Vec<String>,
    roles: Vec<String>,
    codes: Vec<String>,
}

/// Checks the session named in a verified access token.
///
/// # Errors
/// [`Refusal::TokenInvalid`] when revoked or unknown, [`Refusal::TokenExpired`], [`Refusal::AccountInactive`].
pub async fn admit(db: &Db, session: SessionId, user: UserId) -> Result<Admission> {
    let rows = sqlx::query!(
        r#"select revoked as "revoked!", expired as "expired!", person_active as "person_active!",
                  org_id as "org: OrgId", slug, coalesce(open, false) as "open!", operator, extra_permissions, roles,
                  role_permissions
           from admission($1, $2)"#,
        session.0,
        user.0
    )
    .fetch_all(db.pool())
    .await?;
    let session = rows.first().ok_or(Refusal::TokenInvalid)?;
    if session.revoked {
        return Err(Refusal::TokenInvalid.into());
    }
    if session.expired {
        return Err(Refusal::TokenExpired.into());
    }
    if !session.person_active {
        return Err(Refusal::AccountInactive.into());
    }
    let open = rows.into_iter().filter(|row| row.open);
    let places = open.filter_map(|row| {
        Some(Place {
            org: row.org?,
            slug: row.slug?,
            operator: row.operator.unwrap_or_default(),
            extra: row.extra_permissions.unwrap_or_default(),
            roles: row.roles.unwrap_or_default(),
            codes: row.role_permissions.unwrap_or_default(),
        })
    });
    Ok(Admission { user, places: places.collect() })
}

impl Admission {
    /// The person in the organization a request is about: the one named by id or slug in `wanted`, else their only one.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when it is not theirs: existence does not leak. [`Refusal::OrgRequired`] when there is more
    /// than one to choose from, or none.
    pub fn enter(self, wanted: Option<&str>) -> Result<Principal> {
        let user = self.user;
        let mut places = self.places.into_iter();
        let place = match wanted {
            Some(wanted) => {
                let id = wanted.parse::<OrgId>().ok();
                places.find(|place| Some(place.org) == id || place.slug == wanted).ok_or(Refusal::NotFound)?
            }
            None => match (places.next(), places.next()) {
                (Some(only), None) => only,
                _ => return Err(Refusal::OrgRequired.into()),
            },
        };
        Ok(place.principal(user))
    }
}

impl Place {
    fn principal(self, user: UserId) -> Principal {
        let given = self.roles.iter().flat_map(|role| roles::gives(role, &self.codes));
        let permissions = Principal::held(Permission::known(&self.extra).into_iter().chain(given), self.operator);
        Principal { user, org: self.org, roles: self.roles, permissions }
    }
}
