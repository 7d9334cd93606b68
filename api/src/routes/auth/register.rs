//! `POST /auth/register` (C6–C9, CX9, CX26, SN4).

use super::{ExpectsSessionToken, SignedIn, identifier, slowly};
use crate::{
    App,
    caller::{Caller, Person, PublicOrg},
    conditions::IdempotencyKey,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::MaybeKey,
};
use axum::extract::State;
use chrono::NaiveDate;
use domain::{
    db::Tx,
    error::{Error, Result},
    identity::{self, Identifier, NewPerson, Newcomer, ProfilePatch, password},
    ids::{DepartmentId, SiteId, UserId},
    organizations::{
        invitations,
        members::{self, PRIORITIES, Place},
    },
    permissions::Permission,
    refusals::Refusal,
};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody who wants an account. Their role is the organization's default one or the one they were invited for; what
/// they ask for counts only when somebody who manages members signs them up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "awa@example.org", "password": "correct horse battery", "full_name": "Awa Koné" }))]
pub struct Register {
    /// E-mail address; or a phone. Neither is needed with an invitation.
    email: Option<String>,
    /// E.164 phone number; or an e-mail.
    phone: Option<String>,
    /// 8 to 200 characters; without one, codes are the only way in.
    password: Option<String>,
    /// How to call them; made of the two parts below when it is left out.
    #[serde(default)]
    full_name: String,
    /// Given name.
    first_name: Option<String>,
    /// Family name.
    last_name: Option<String>,
    /// Another name to sign in with: 3 to 40 letters, digits, dots, hyphens and underscores, the first a letter.
    username: Option<String>,
    /// In their own words.
    gender: Option<String>,
    /// A day that has passed.
    birthdate: Option<NaiveDate>,
    /// `fr` or `en`; the organization's when unset.
    locale: Option<String>,
    /// The code of an invitation.
    invitation: Option<String>,
    /// A role of the organization; ignored unless the caller holds `member:manage`.
    role: Option<String>,
    /// `standard` or `high`; ignored unless the caller holds `member:manage`.
    priority: Option<String>,
    /// The part of the organization they work in; ignored unless the caller holds `member:manage`.
    service: Option<String>,
    /// Their main site, where everybody may come in or the caller holds `member:manage`.
    #[schema(value_type = Option<Uuid>)]
    site_id: Option<SiteId>,
    /// Their department; likewise.
    #[schema(value_type = Option<Uuid>)]
    department_id: Option<DepartmentId>,
}

/// What signing up led to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registered {
    /// The new person.
    user_id: Uuid,
    /// Whether a code is on its way that proves the phone or mailbox.
    code_sent: bool,
    /// False when the address must be proved before the organization lets them in.
    member: bool,
    /// The roles they were given.
    #[schema(example = json!(["member"]))]
    roles: Vec<String>,
    /// A first session, for clients of older papers that sign somebody up with a password and no key.
    signed_in: Option<SignedIn>,
}

/// Sign up in an organization
#[utoipa::path(post, path = "/auth/register", tag = "access", security(()), params(MaybeKey), request_body = Register,
    responses((status = 201, body = Data<Registered>)))]
pub async fn register(
    State(app): State<App>,
    org: PublicOrg,
    person: Option<Person>,
    key: Option<IdempotencyKey>,
    expects: ExpectsSessionToken,
    Json(mut ask): Json<Register>,
) -> ApiResult<(HeaderMap, Reply)> {
    let named = ask.email.is_some() || ask.phone.is_some() || ask.invitation.is_none();
    let named = named.then(|| identifier(ask.email.as_deref(), ask.phone.as_deref())).transpose()?;
    let password_hash = match ask.password.take() {
        Some(password) => Some(slowly(&app, move || password::hash(&password)).await??),
        None => None,
    };
    let by = manager(&app, person, &org).await?;

    let mut tx = match &by {
        Some(by) => by.begin_as(&app, Permission::MemberManage).await?,
        None => org.begin(&app).await?,
    };
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok((HeaderMap::new(), earlier));
    }
    let identifier = match named {
        Some(identifier) => identifier,
        None => invited(&mut tx, ask.invitation.as_deref().unwrap_or_default()).await?,
    };
    let opens = expects.0 && key.is_none() && by.is_none() && password_hash.is_some();
    let newcomer = ask.newcomer(identifier, password_hash);
    let registered = identity::register(&mut tx, &newcomer, by.as_ref().map(|by| &by.principal)).await?;
    let roles = if registered.member { members::find(&mut tx, registered.user).await?.roles } else { Vec::new() };
    let (cookie, signed_in) = match opens && registered.member {
        true => first_session(&app, &mut tx, registered.user).await?,
        false => (HeaderMap::new(), None),
    };
    let view = Registered {
        user_id: registered.user.into(),
        code_sent: registered.code.is_some(),
        member: registered.member,
        roles,
        signed_in,
    };
    Ok((cookie, Reply::created("/api/v1/me", view).commit(tx, key.as_ref()).await?))
}

/// Signs a newcomer in who has just chosen a password.
async fn first_session(app: &App, tx: &mut Tx, user: UserId) -> Result<(HeaderMap, Option<SignedIn>)> {
    let tokens = identity::open_session(tx, user, &["pwd"], None).await?;
    let session = tokens.session;
    let signed_in = SignedIn::new(app, tx, user, tokens).await?;
    let (cookie, signed_in) = signed_in.with_token(app, tx, session, true).await?;
    Ok((cookie, Some(signed_in)))
}

/// The caller as somebody who manages members here; anybody else is a stranger at the door.
async fn manager(app: &App, person: Option<Person>, org: &PublicOrg) -> Result<Option<Caller>> {
    let Some(person) = person else { return Ok(None) };
    match person.enter(app, &org.organization.id.to_string()).await {
        Ok(caller) => Ok(Some(caller).filter(|caller| caller.may(Permission::MemberManage))),
        Err(Error::Refused(Refusal::NotFound)) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn invited(tx: &mut Tx, token: &str) -> Result<Identifier> {
    Ok(invitations::find_open(tx, token).await?.contact)
}

impl Register {
    fn newcomer(self, identifier: Identifier, password_hash: Option<String>) -> Newcomer {
        let person = NewPerson { identifier, password_hash, full_name: self.full_name, locale: self.locale };
        let profile = ProfilePatch {
            first_name: self.first_name,
            last_name: self.last_name,
            username: self.username,
            gender: self.gender,
            birthdate: self.birthdate,
            ..ProfilePatch::default()
        };
        let place = Place {
            roles: self.role.into_iter().collect(),
            priority: self.priority.unwrap_or_else(|| PRIORITIES[0].to_owned()),
            service: self.service,
            site: self.site_id,
            department: self.department_id,
            ..Place::default()
        };
        Newcomer { person, profile, invitation: self.invitation, place }
    }
}
