//! Who is asking, and in which organization (C26, C37, CX6, CX10, CX42).
//!
//! Three extractors: [`Person`] is signed in; [`Caller`] is a signed-in member of one organization, with what they may
//! do there; [`PublicOrg`] is the organization a public route is about. The session, the person's status and the
//! permissions are asked of the database on every request, so that a revocation holds at once.

use crate::{
    App, cookie,
    error::ApiError,
    tokens::{Claims, Tokens},
};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use domain::{
    db::{Actor, Plans, Scope, Tx},
    error::{Error, Result},
    identity::{self, Principal},
    ids::{OrgId, SessionId, UserId},
    organizations::{self, Organization},
    permissions::Permission,
    refusals::{Class, Refusal},
};
use http::{Extensions, HeaderMap, Method, header, request::Parts};
use runtime::{requests::RequestId, trace::TraceContext};

/// The header that names an organization, by id or by slug.
pub const ORG_HEADER: &str = "x-org-id";

/// What the request shows of its person: an access token, with its signature and time checked, or a session token, which
/// the database knows. In `Authorization`, or else in a browser's cookie.
#[derive(Debug, Clone)]
pub struct Bearer(std::result::Result<Shown, Refusal>);

#[derive(Debug, Clone)]
enum Shown {
    Access(Claims),
    Session(String),
}

impl Bearer {
    /// Reads the header, or the cookie where there is none.
    #[must_use]
    pub fn read(method: &Method, headers: &HeaderMap, tokens: &Tokens) -> Self {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let (first, more) = (values.next(), values.next());
        if first.is_none()
            && let Some(token) = cookie::token(headers)
        {
            return Self(cookie::may_count(method, headers).map(|()| Shown::Session(token.to_owned())));
        }
        let credentials = first.and_then(|value| value.to_str().ok()).and_then(|value| value.split_once(' '));
        Self(match (credentials, more) {
            (Some((scheme, token)), None) if scheme.eq_ignore_ascii_case("bearer") => match token.trim() {
                token if identity::looks_like_session_token(token) => Ok(Shown::Session(token.to_owned())),
                token => tokens.read(token).map(Shown::Access),
            },
            (_, Some(_)) => Err(Refusal::TokenInvalid),
            _ => Err(Refusal::AuthRequired),
        })
    }

    /// Whom the token names, if it is a true one and says so itself.
    #[must_use]
    pub fn person(&self) -> Option<UserId> {
        match &self.0 {
            Ok(Shown::Access(claims)) => Some(claims.sub),
            _ => None,
        }
    }

    fn of(parts: &Parts, app: &App) -> Self {
        let read = || Self::read(&parts.method, &parts.headers, &app.tokens);
        parts.extensions.get::<Self>().cloned().unwrap_or_else(read)
    }

    /// Whose session this names; whether it lives is asked of the database.
    async fn known(self, app: &App, origin: &Origin) -> Result<(UserId, SessionId)> {
        match self.0? {
            Shown::Access(claims) => Ok((claims.sub, claims.sid)),
            Shown::Session(token) => identity::recognise(&mut origin.begin(app).await?, &token).await,
        }
    }
}

/// Where a request came from, for logs, audit and the jobs it leaves behind (T25).
#[derive(Debug, Clone, Default)]
pub struct Origin {
    request_id: Option<String>,
    trace: Option<String>,
}

impl Origin {
    fn of(extensions: &Extensions) -> Self {
        Self {
            request_id: extensions.get::<RequestId>().map(|id| id.0.clone()),
            trace: extensions.get::<TraceContext>().map(ToString::to_string),
        }
    }

    fn scope(&self, actor: Actor, org: Option<OrgId>) -> Scope {
        Scope { request_id: self.request_id.clone(), trace: self.trace.clone(), actor, org, plans: Plans::Fresh }
    }
}

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> std::result::Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.extensions))
    }
}

impl Origin {
    /// A transaction for somebody who is not known yet, in no organization.
    ///
    /// # Errors
    /// A fault when the database cannot be reached.
    pub async fn begin(&self, app: &App) -> Result<Tx> {
        app.db.begin(self.scope(Actor::System, None)).await
    }

    /// A transaction for somebody who is not known yet, in an organization if one was named.
    ///
    /// # Errors
    /// A fault when the database cannot be reached.
    pub async fn begin_in(&self, app: &App, org: Option<&PublicOrg>) -> Result<Tx> {
        app.db.begin(self.scope(Actor::System, org.map(|org| org.organization.id))).await
    }
}

/// Somebody signed in, wherever they belong.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// By which sign-in.
    pub session: SessionId,
    origin: Origin,
    wanted: Option<String>,
}

impl Person {
    /// A transaction in their name, in no organization.
    ///
    /// # Errors
    /// A fault when the database cannot be reached.
    pub async fn begin(&self, app: &App) -> Result<Tx> {
        app.db.begin(self.origin.scope(Actor::User(self.user), None)).await
    }

    /// A transaction in their name for a change to themselves: in the organization they named, or in their only one,
    /// so that the change is audited where they are known (U2).
    ///
    /// # Errors
    /// `not_found` when they named one that is not theirs; a fault when the database cannot be reached.
    pub async fn begin_at_home(&self, app: &App) -> Result<Tx> {
        let mut tx = self.begin(app).await?;
        let home = identity::choose_organization(&mut tx, self.user, self.wanted.as_deref()).await;
        let org = match home {
            Ok(org) => org,
            Err(Error::Refused(Refusal::OrgRequired)) => return Ok(tx),
            Err(error) => return Err(error),
        };
        drop(tx);
        app.db.begin(self.origin.scope(Actor::User(self.user), Some(org))).await
    }

    /// A transaction in their name in an organization of theirs that a rule named.
    ///
    /// # Errors
    /// A fault when the database cannot be reached.
    pub async fn begin_in(&self, app: &App, org: OrgId) -> Result<Tx> {
        app.db.begin(self.origin.scope(Actor::User(self.user), Some(org))).await
    }

    /// A transaction in their name, in an organization that is not theirs yet: for coming in.
    ///
    /// # Errors
    /// A fault when the database cannot be reached.
    pub async fn begin_at(&self, app: &App, org: &PublicOrg) -> Result<Tx> {
        app.db.begin(self.origin.scope(Actor::User(self.user), Some(org.organization.id))).await
    }

    /// The same person as a member of the organization with this id or slug.
    ///
    /// # Errors
    /// `not_found` unless they belong to it.
    pub async fn enter(self, app: &App, wanted: &str) -> Result<Caller> {
        let principal = identity::admit(&app.db, self.session, self.user).await?.enter(Some(wanted))?;
        Ok(Caller { principal, session: self.session, origin: self.origin })
    }
}

impl FromRequestParts<App> for Person {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> std::result::Result<Self, ApiError> {
        let origin = Origin::of(&parts.extensions);
        let (user, session) = Bearer::of(parts, app).known(app, &origin).await?;
        let wanted = wanted(parts, app)?.map(str::to_owned);
        identity::admit(&app.db, session, user).await?;
        Ok(Self { user, session, origin, wanted })
    }
}

/// Nobody when no credentials were sent; wrong ones are refused all the same.
impl OptionalFromRequestParts<App> for Person {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> std::result::Result<Option<Self>, ApiError> {
        let (sent, cookie) =
            (parts.headers.contains_key(header::AUTHORIZATION), cookie::token(&parts.headers).is_some());
        if !sent && !cookie {
            return Ok(None);
        }
        match <Self as FromRequestParts<App>>::from_request_parts(parts, app).await {
            // a browser goes on sending what ended long ago
            Err(ApiError::Domain(Error::Refused(no))) if !sent && no.class() == Class::Unauthenticated => Ok(None),
            person => person.map(Some),
        }
    }
}

/// A signed-in member of one organization.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who, where, and what they may do there.
    pub principal: Principal,
    /// By which sign-in.
    pub session: SessionId,
    origin: Origin,
}

impl Caller {
    /// Who.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.principal.user
    }

    /// Where.
    #[must_use]
    pub fn org(&self) -> OrgId {
        self.principal.org
    }

    /// Whether they hold this permission.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.principal.may(permission)
    }

    /// Insists on a permission.
    ///
    /// # Errors
    /// `forbidden` naming it.
    pub fn require(&self, permission: Permission) -> Result<()> {
        self.principal.require(permission)
    }

    /// A transaction in their name.
    ///
    /// # Errors
    /// A fault when the database cannot be reached.
    pub async fn begin(&self, app: &App) -> Result<Tx> {
        app.db.begin(self.scope(Actor::User(self.user()))).await
    }

    /// The same for a request that finds everything by key, and often: its statements keep their plans.
    ///
    /// # Errors
    /// A fault when the database cannot be reached.
    pub async fn begin_by_key(&self, app: &App) -> Result<Tx> {
        app.db.begin(Scope { plans: Plans::Kept, ..self.scope(Actor::User(self.user())) }).await
    }

    /// A transaction in their name, for what only this permission allows; audit tells it apart.
    ///
    /// # Errors
    /// `forbidden`, or a fault when the database cannot be reached.
    pub async fn begin_as(&self, app: &App, permission: Permission) -> Result<Tx> {
        self.require(permission)?;
        app.db.begin(self.scope(Actor::Admin(self.user()))).await
    }

    fn scope(&self, actor: Actor) -> Scope {
        self.origin.scope(actor, Some(self.org()))
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> std::result::Result<Self, ApiError> {
        let origin = Origin::of(&parts.extensions);
        let (user, session) = Bearer::of(parts, app).known(app, &origin).await?;
        let principal = identity::admit(&app.db, session, user).await?.enter(wanted(parts, app)?)?;
        Ok(Self { principal, session, origin })
    }
}

/// The organization a public route is about.
#[derive(Debug, Clone)]
pub struct PublicOrg {
    /// The organization named by `X-Org-Id`, or by the host.
    pub organization: Organization,
    origin: Origin,
}

impl PublicOrg {
    /// A transaction for a stranger in this organization.
    ///
    /// # Errors
    /// A fault when the database cannot be reached.
    pub async fn begin(&self, app: &App) -> Result<Tx> {
        app.db.begin(self.origin.scope(Actor::System, Some(self.organization.id))).await
    }

    async fn find(parts: &Parts, app: &App) -> std::result::Result<Option<Self>, ApiError> {
        let Some(wanted) = wanted(parts, app)? else { return Ok(None) };
        let origin = Origin::of(&parts.extensions);
        let mut tx = origin.begin(app).await?;
        let organization = match wanted.parse::<OrgId>() {
            Ok(id) => organizations::find(&mut tx, id).await?,
            Err(_) => organizations::find_by_slug(&mut tx, wanted).await?,
        };
        Ok(Some(Self { organization, origin }))
    }
}

impl FromRequestParts<App> for PublicOrg {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> std::result::Result<Self, ApiError> {
        Self::find(parts, app).await?.ok_or_else(|| Refusal::OrgRequired.into())
    }
}

impl OptionalFromRequestParts<App> for PublicOrg {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> std::result::Result<Option<Self>, ApiError> {
        Self::find(parts, app).await
    }
}

/// Which organization is meant: as the header says, or else the host, `slug.api.example.org` (CX10).
fn wanted<'r>(parts: &'r Parts, app: &App) -> Result<Option<&'r str>, Refusal> {
    let mut values = parts.headers.get_all(ORG_HEADER).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(named_by_host(parts, app.config.public_host())),
        // an organization nobody could name is an unknown one
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Refusal::NotFound),
        _ => Err(Refusal::invalid(ORG_HEADER, "was sent more than once")),
    }
}

/// What stands before our own host in the one that was called.
fn named_by_host<'r>(parts: &'r Parts, ours: &str) -> Option<&'r str> {
    let host = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok()).or_else(|| parts.uri.host())?;
    let name = host.split(':').next().unwrap_or(host);
    name.strip_suffix(ours)?.strip_suffix('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_below_ours_names_an_organization() {
        let named = |host: &'static str| {
            let request = http::Request::get("/").header(header::HOST, host);
            let (parts, ()) = request.body(()).unwrap().into_parts();
            named_by_host(&parts, "api.example.org").map(str::to_owned)
        };
        for host in ["flexpark.api.example.org", "flexpark.api.example.org:8443"] {
            assert_eq!(named(host).as_deref(), Some("flexpark"));
        }
        for host in ["api.example.org", "127.0.0.1:8080", "flexparkapi.example.org", "api.example.org.evil.test", ""] {
            assert_eq!(named(host), None, "{host}");
        }
    }
}
