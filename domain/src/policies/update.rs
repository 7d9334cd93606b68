//! A policy is rewritten (T14). Bookings made before keep the rules they were made under (CX36).

use super::{
    Policy,
    queries::{NAME_TAKEN, STANDARD_TAKEN, find, lock},
};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::PolicyId,
    inventory::checked_name,
    refusals::Refusal,
};
use serde_json::{Value, json};

/// What to change; what is not named stays. The kind it is for does not change: its resources rely on it.
#[derive(Debug, Clone, Default)]
pub struct PolicyPatch {
    /// 3 to 200 characters.
    pub name: Option<String>,
    /// In force for things of its kind that name no policy.
    pub standard: Option<bool>,
    /// Merged into the rules (RFC 7396): null restores what the kind has by default.
    pub rules: Option<Value>,
}

/// Changes a policy that is still at version `seen`. A change that changes nothing leaves no trace.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::VersionMismatch`], [`Refusal::Invalid`] naming the field, [`Refusal::Conflict`] when
/// the name is taken or the kind has another standard policy.
pub async fn update(tx: &mut Tx, id: PolicyId, seen: i32, patch: PolicyPatch) -> Result<Policy> {
    let before = lock(tx, id).await?;
    if before.version != seen {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    let mut wanted = before.clone();
    if let Some(name) = &patch.name {
        wanted.name = checked_name("name", name)?;
    }
    wanted.standard = patch.standard.unwrap_or(before.standard);
    if let Some(rules) = &patch.rules {
        wanted.rules = before.rules.patched(before.applies_to, rules)?;
    }
    if wanted == before {
        return Ok(before);
    }
    let org = tx.org()?;
    sqlx::query!(
        "update policies set name = $3, standard = $4, rules = $5, version = version + 1 where org_id = $1 and id = $2",
        org.0,
        id.0,
        wanted.name,
        wanted.standard,
        json!(wanted.rules)
    )
    .execute(tx.conn())
    .await
    .refuse_on("policies_name_key", NAME_TAKEN)
    .refuse_on("policies_standard_key", STANDARD_TAKEN)?;
    let after = find(tx, id).await?;
    tx.record(Change::updated("policy", id, &before, &after));
    Ok(after)
}
