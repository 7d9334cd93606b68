//! Signing up (C8, CX26). Nobody chooses their own role (CX9): a newcomer gets the organization's default one.

use super::{
    Identifier, Purpose,
    checks::{checked_locale, checked_name},
    join, record, send_code,
};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::{CodeId, UserId},
    organizations,
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

/// What signing up led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    /// The new person.
    pub user: UserId,
    /// The code on its way to their phone or mailbox, if one is.
    pub code: Option<CodeId>,
    /// False when they must prove their address first: the organization admits addresses of its own domains only.
    pub member: bool,
}

/// Signs a newcomer up in the organization of this transaction. A phone gets its code at once.
///
/// # Errors
/// [`Refusal::RegistrationClosed`], [`Refusal::IdentityTaken`], [`Refusal::CodeLimit`], [`Refusal::Invalid`].
pub async fn register(tx: &mut Tx, person: &NewPerson) -> Result<Registered> {
    let organization = organizations::load(tx).await?;
    let member = match organization.registration.as_str() {
        "open" => true,
        "domain" if join::admits_address(&organization, &person.identifier) => false,
        _ => return Err(Refusal::RegistrationClosed.into()),
    };
    let person = &NewPerson { locale: Some(person.locale.clone().unwrap_or(organization.locale)), ..person.clone() };
    let user = create_person(tx, person).await?;
    if member {
        organizations::members::grant(tx, user, &organization.default_role).await?;
    }
    let code = match &person.identifier {
        Identifier::Phone(_) => Some(send_code(tx, &person.identifier, Purpose::VerifyPhone).await?),
        Identifier::Email(_) if !member => Some(send_code(tx, &person.identifier, Purpose::VerifyEmail).await?),
        Identifier::Email(_) => None,
    };
    Ok(Registered { user, code, member })
}

/// Writes a person with one identity and perhaps a password, in no organization.
///
/// # Errors
/// [`Refusal::IdentityTaken`], [`Refusal::Invalid`].
pub async fn create_person(tx: &mut Tx, person: &NewPerson) -> Result<UserId> {
    let user = UserId::new();
    let full_name = checked_name("full_name", &person.full_name, 200)?;
    let locale = checked_locale(person.locale.as_deref().unwrap_or("fr"))?;
    sqlx::query!("insert into users (id, full_name, locale) values ($1, $2, $3)", user.0, full_name, locale)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "insert into identities (user_id, kind, value) values ($1, $2, $3)",
        user.0,
        person.identifier.kind(),
        person.identifier.value()
    )
    .execute(tx.conn())
    .await
    .refuse_on("identities_pkey", Refusal::IdentityTaken)?;
    if let Some(hash) = &person.password_hash {
        sqlx::query!(
            "insert into credentials (user_id, kind, algorithm, secret_hash) values ($1, 'password', 'argon2id', $2)",
            user.0,
            hash
        )
        .execute(tx.conn())
        .await?;
    }
    record(tx, Change::created("user", user, json!({ "full_name": full_name, "identity": person.identifier.kind() })));
    Ok(user)
}
