//! Bringing people along from the system they had before (C6, C28, CX7, L24): with their passwords as it kept them, and
//! their place here. The operator of the installation does so, not a tenant.

use super::{
    Identifier, NewPerson, ProfilePatch,
    brought_along::ALGORITHM,
    find_user, is_brought_along,
    register::{self, Newcomer, add_identity},
};
use crate::{
    db::Tx,
    error::Result,
    ids::UserId,
    organizations::{
        invitations::{self, NewInvitation},
        load,
        members::{self, Place},
    },
    refusals::Refusal,
};

/// Somebody to bring along.
#[derive(Debug, Clone)]
pub struct Brought {
    /// An e-mail address or a phone number or both, and perhaps a username; the first one names them.
    pub identifiers: Vec<Identifier>,
    /// Whether the addresses were proved where they come from.
    pub proved: bool,
    /// What is known about them.
    pub profile: ProfilePatch,
    /// Their password as the old system kept it, `salt$hash`.
    pub password_hash: Option<String>,
    /// Their place; the organization's default role when it names none.
    pub place: Place,
}

/// What became of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// They have an account now, and a place.
    Created,
    /// They had an account here, which stays as it is, and have a place now.
    Joined,
    /// They were here already. Nothing changed.
    Known,
    /// They are on the list of those who may come.
    Listed,
}

/// Gives somebody an account, unless they have one, and a place in the organization of this transaction. An account that
/// exists keeps its password: an address in a file proves nothing.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field, [`Refusal::IdentityTaken`] when their names belong to different people.
pub async fn import_member(tx: &mut Tx, brought: &Brought) -> Result<Imported> {
    let place = place(tx, brought).await?;
    if let Some(user) = known(tx, &brought.identifiers).await? {
        if members::status(tx, user).await?.is_some() {
            return Ok(Imported::Known);
        }
        members::admit(tx, user, &place).await?;
        return Ok(Imported::Joined);
    }
    let user = create(tx, brought).await?;
    members::admit(tx, user, &place).await?;
    Ok(Imported::Created)
}

/// Puts somebody on the list of those who may come and prove their address.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field.
pub async fn list_member(tx: &mut Tx, brought: &Brought) -> Result<Imported> {
    let contact = first_address(&brought.identifiers)?.clone();
    let new =
        NewInvitation { contact, role: brought.place.roles.first().cloned(), locale: None, days: None, letter: false };
    match invitations::create(tx, None, &new).await {
        Ok(_) => Ok(Imported::Listed),
        Err(crate::error::Error::Refused(Refusal::Conflict { .. })) => Ok(Imported::Known),
        Err(error) => Err(error),
    }
}

async fn place(tx: &mut Tx, brought: &Brought) -> Result<Place> {
    let mut place = brought.place.clone();
    if place.roles.is_empty() {
        place.roles.push(load(tx).await?.default_role);
    }
    Ok(place)
}

async fn known(tx: &mut Tx, identifiers: &[Identifier]) -> Result<Option<UserId>> {
    first_address(identifiers)?;
    let mut found = None;
    for identifier in identifiers {
        match (found, find_user(tx, identifier).await?) {
            (Some(one), Some(other)) if one != other => return Err(Refusal::IdentityTaken.into()),
            (None, some) => found = some,
            _ => {}
        }
    }
    Ok(found)
}

fn first_address(identifiers: &[Identifier]) -> Result<&Identifier> {
    let reachable = identifiers.iter().find(|identifier| !matches!(identifier, Identifier::Username(_)));
    reachable.ok_or_else(|| Refusal::invalid("identifier", "give an e-mail address or a phone number").into())
}

async fn create(tx: &mut Tx, brought: &Brought) -> Result<UserId> {
    if brought.password_hash.as_deref().is_some_and(|hash| !is_brought_along(hash.trim())) {
        return Err(Refusal::invalid("password_hash", "must be salt$hash, as PBKDF2-HMAC-SHA256 leaves it").into());
    }
    let first = first_address(&brought.identifiers)?;
    let person = NewPerson {
        identifier: first.clone(),
        password_hash: None,
        full_name: brought.profile.full_name.clone().unwrap_or_default(),
        locale: brought.profile.locale.clone(),
    };
    let newcomer = Newcomer { person, profile: brought.profile.clone(), invitation: None, place: Place::default() };
    let locale = load(tx).await?.locale;
    let user = register::create(tx, &newcomer, &locale, brought.proved).await?;
    for other in brought.identifiers.iter().filter(|identifier| *identifier != first) {
        add_identity(tx, user, other, brought.proved || matches!(other, Identifier::Username(_))).await?;
    }
    if let Some(hash) = &brought.password_hash {
        sqlx::query!(
            "insert into credentials (user_id, kind, algorithm, secret_hash) values ($1, 'password', $2, $3)",
            user.0,
            ALGORITHM,
            hash.trim()
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(user)
}
