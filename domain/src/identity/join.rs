//! A known person enters another organization (CX26): because everybody may, because of a verified address, or because
//! they are expected.

use super::Identifier;
use crate::{
    db::Tx,
    error::Result,
    ids::UserId,
    organizations::{self, Organization, invitations, members},
    refusals::Refusal,
};

/// Makes a known person a member of the organization of this transaction, with the role they were listed for or else
/// its default one. A member stays as they are, and so does somebody who was shown the door.
///
/// # Errors
/// [`Refusal::RegistrationClosed`] when the organization does not let them in by themselves: in mode `domain` they
/// need a verified address in one of its domains, in `invite` and `closed` one that is on its list (L24).
pub async fn join(tx: &mut Tx, user: UserId) -> Result<()> {
    let organization = organizations::load(tx).await?;
    let status = members::status(tx, user).await?;
    if status.as_deref() == Some("active") {
        return Ok(());
    }
    if status.as_deref() != Some("suspended") && invitations::accept_listed(tx, user).await? {
        return Ok(());
    }
    let welcome = match organization.registration.as_str() {
        _ if status.is_some() => false,
        "open" => true,
        "domain" => has_verified_address(tx, user, &organization).await?,
        _ => false,
    };
    if !welcome {
        return Err(Refusal::RegistrationClosed.into());
    }
    members::grant(tx, user, &organization.default_role).await
}

/// Whether the address lies in one of the organization's own domains.
pub(super) fn admits_address(organization: &Organization, identifier: &Identifier) -> bool {
    identifier
        .mail_domain()
        .is_some_and(|domain| organization.email_domains.iter().any(|own| own.eq_ignore_ascii_case(domain)))
}

async fn has_verified_address(tx: &mut Tx, user: UserId, organization: &Organization) -> Result<bool> {
    let addresses = sqlx::query_scalar!(
        "select value from identities where user_id = $1 and kind = 'email' and verified_at is not null",
        user.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(addresses.into_iter().any(|address| admits_address(organization, &Identifier::Email(address))))
}
