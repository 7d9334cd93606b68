//! An organization writes down how something is booked (SN20).

use super::{
    Policy, Rules,
    queries::{NAME_TAKEN, STANDARD_TAKEN, applies_to, find},
};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::PolicyId,
    inventory::{Kind, checked_name},
    refusals::Refusal,
};
use serde_json::{Value, json};

/// A policy to be.
#[derive(Debug, Clone)]
pub struct NewPolicy {
    /// 3 to 200 characters, once in the organization.
    pub name: String,
    /// For things of this kind; for any when `None`.
    pub applies_to: Option<Kind>,
    /// In force for things of its kind that name no policy.
    pub standard: bool,
    /// Rules that differ from what the kind has by default.
    pub rules: Value,
}

/// Makes a policy. What its rules do not name is as the kind has it by default, and stays so.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field, [`Refusal::Conflict`] when the name is taken or the kind has a standard policy.
pub async fn create(tx: &mut Tx, new: NewPolicy) -> Result<Policy> {
    let name = checked_name("name", &new.name)?;
    if new.applies_to == Some(Kind::Trip) {
        let problem = "rides are booked under the organization's settings";
        return Err(Refusal::invalid("applies_to", problem).into());
    }
    let rules = Rules::of_kind(new.applies_to).patched(new.applies_to, &new.rules)?;
    let (org, id) = (tx.org()?, PolicyId::new());
    sqlx::query!(
        "insert into policies (org_id, id, name, applies_to, standard, rules) values ($1, $2, $3, $4, $5, $6)",
        org.0,
        id.0,
        name,
        applies_to(new.applies_to),
        new.standard,
        json!(rules)
    )
    .execute(tx.conn())
    .await
    .refuse_on("policies_name_key", NAME_TAKEN)
    .refuse_on("policies_standard_key", STANDARD_TAKEN)?;
    let policy = find(tx, id).await?;
    tx.record(Change::created("policy", id, &policy));
    Ok(policy)
}
