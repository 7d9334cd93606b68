//! Signing up (C6–C9, CX26). Nobody chooses their own role or priority (CX9): a newcomer gets the organization's
//! default role, the one they were invited for, or the one given by somebody who may give it.

use super::{
    Identifier, Principal, ProfilePatch, Purpose,
    checks::{checked_locale, checked_name},
    join::admits_address,
    record, send_code, update_me,
};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::{CodeId, UserId},
    organizations::{
        self, Organization,
        invitations::{self, Invitation},
        members::{self, Place},
    },
    permissions::Permission,
    refusals::Refusal,
};
use serde_json::json;

/// Somebody who wants an account.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// The name they sign in with; not verified yet.
    pub identifier: Identifier,
    /// From [`super::password::hash`]; without one, codes are the only way in.
    pub password_hash: Option<String>,
    /// At most 200 characters; may be empty.
    pub full_name: String,
    /// `fr` or `en`; the organization's when unset.
    pub locale: Option<String>,
}

/// Somebody at the door of an organization.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// Who they say they are.
    pub person: NewPerson,
    /// What else they tell about themselves; a name given in parts becomes the full one.
    pub profile: ProfilePatch,
    /// The secret of their invitation, if they have one.
    pub invitation: Option<String>,
    /// The place asked for. It counts only where `by` may give it.
    pub place: Place,
}

/// What signing up led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The new person.
    pub user: UserId,
    /// The code on its way to their phone or mailbox, if one is.
    pub code: Option<CodeId>,
    /// False when they must prove their address first: the organization admits addresses of its own domains or its
    /// list only.
    pub member: bool,
}

/// On what ground somebody comes in.
enum Ground {
    /// Everybody may.
    Open,
    /// The address lets them in once they have proved it.
    Address,
    /// They hold an invitation, and with it the proof of their address.
    Invited(Box<Invitation>),
    /// Somebody who manages members brings them.
    Brought(Place),
}

/// Signs a newcomer up in the organization of this transaction. A phone gets its code at once. `by` is whoever signs
/// them up, when that is somebody signed in here.
///
/// # Errors
/// [`Refusal::RegistrationClosed`], [`Refusal::IdentityTaken`], [`Refusal::CodeLimit`], [`Refusal::Invalid`],
/// [`Refusal::InvitationGone`], [`Refusal::NotFound`] for an invitation nobody wrote, [`Refusal::Forbidden`] for a role
/// that gives what `by` does not hold.
pub async fn register(tx: &mut Tx, newcomer: &Newcomer, by: Option<&Principal>) -> Result<Registered> {
    let organization = organizations::load(tx).await?;
    let ground = ground(tx, &organization, newcomer, by).await?;
    let identifier = &newcomer.person.identifier;
    let user = create(tx, newcomer, &organization.locale, matches!(ground, Ground::Invited(_))).await?;
    let member = !matches!(ground, Ground::Address);
    let proved = matches!(ground, Ground::Invited(_));
    match ground {
        Ground::Open => {
            let Place { site, department, .. } = newcomer.place;
            let place = Place { site, department, ..Place::of(&organization.default_role) };
            members::admit(tx, user, &place).await?;
        }
        Ground::Address => {}
        Ground::Invited(invitation) => invitations::accept(tx, *invitation, user).await?,
        Ground::Brought(place) => members::admit(tx, user, &place).await?,
    }
    let code = match identifier {
        _ if proved => None,
        Identifier::Phone(_) => Some(send_code(tx, identifier, Purpose::VerifyPhone).await?),
        Identifier::Email(_) if !member => Some(send_code(tx, identifier, Purpose::VerifyEmail).await?),
        Identifier::Email(_) | Identifier::Username(_) => None,
    };
    Ok(Registered { user, code, member })
}

async fn ground(
    tx: &mut Tx,
    organization: &Organization,
    newcomer: &Newcomer,
    by: Option<&Principal>,
) -> Result<Ground> {
    let identifier = &newcomer.person.identifier;
    if let Some(token) = &newcomer.invitation {
        let invitation = invitations::find_open(tx, token).await?;
        if invitation.contact != *identifier {
            return Err(Refusal::invalid("identifier", "must be the address that was invited").into());
        }
        return Ok(Ground::Invited(Box::new(invitation)));
    }
    if let Some(by) = by.filter(|by| by.may(Permission::MemberManage)) {
        let roles = match newcomer.place.roles.as_slice() {
            [] => vec![organization.default_role.clone()],
            roles => roles.to_vec(),
        };
        let place = Place { roles, ..newcomer.place.clone() };
        members::check_place(tx, by, &place).await?;
        return Ok(Ground::Brought(place));
    }
    let expected = match organization.registration.as_str() {
        "open" => return Ok(Ground::Open),
        "domain" if admits_address(organization, identifier) => true,
        _ => invitations::expects(tx, identifier).await?,
    };
    if expected { Ok(Ground::Address) } else { Err(Refusal::RegistrationClosed.into()) }
}

/// Writes a person with one identity and perhaps a password, in no organization.
///
/// # Errors
/// [`Refusal::IdentityTaken`], [`Refusal::Invalid`].
pub async fn create_person(tx: &mut Tx, person: &NewPerson) -> Result<UserId> {
    let newcomer = Newcomer {
        person: person.clone(),
        profile: ProfilePatch::default(),
        invitation: None,
        place: Place::default(),
    };
    create(tx, &newcomer, "fr", false).await
}

pub(super) async fn create(tx: &mut Tx, newcomer: &Newcomer, usual_locale: &str, proved: bool) -> Result<UserId> {
    let (NewPerson { identifier, password_hash, full_name, locale }, user) = (&newcomer.person, UserId::new());
    let full_name = if full_name.trim().is_empty() { newcomer.profile.whole_name() } else { full_name.clone() };
    let full_name = checked_name("full_name", &full_name, 200)?;
    let locale = checked_locale(locale.as_deref().unwrap_or(usual_locale))?;
    sqlx::query!("insert into users (id, full_name, locale) values ($1, $2, $3)", user.0, full_name, locale)
        .execute(tx.conn())
        .await?;
    add_identity(tx, user, identifier, proved).await?;
    if let Some(hash) = password_hash {
        sqlx::query!(
            "insert into credentials (user_id, kind, algorithm, secret_hash) values ($1, 'password', 'argon2id', $2)",
            user.0,
            hash
        )
        .execute(tx.conn())
        .await?;
    }
    update_me::write(tx, user, &newcomer.profile).await?;
    record(tx, Change::created("user", user, json!({ "full_name": full_name, "identity": identifier.kind() })));
    Ok(user)
}

/// Adds a name a person signs in with.
pub(super) async fn add_identity(tx: &mut Tx, user: UserId, identifier: &Identifier, proved: bool) -> Result<()> {
    let now = tx.now();
    sqlx::query!(
        "insert into identities (user_id, kind, value, verified_at)
         values ($1, $2, $3, case when $4 then $5::timestamptz end)",
        user.0,
        identifier.kind(),
        identifier.value(),
        proved,
        now
    )
    .execute(tx.conn())
    .await
    .refuse_on("identities_pkey", Refusal::IdentityTaken)?;
    Ok(())
}
