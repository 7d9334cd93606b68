//! Which rules a resource is booked under, at this instant. A booking keeps them as a snapshot.

use super::Rules;
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::ResourceId,
    inventory::Kind,
    organizations,
    refusals::Refusal,
};

/// The rules in force for a resource. Without any policy, how long a payment is waited for, when people are reminded and
/// when check-in is open are as the organization's settings say.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn in_force(tx: &mut Tx, resource: ResourceId) -> Result<Rules> {
    let org = tx.org()?;
    let row = sqlx::query!(
        r#"select r.kind as "kind: Kind",
                  (select p.rules from policies p
                   where p.org_id = r.org_id and p.deleted_at is null
                     and (p.id = r.policy_id or p.standard and p.applies_to in (r.kind, 'any'))
                   order by p.id = r.policy_id desc nulls last, p.applies_to = r.kind desc limit 1) as rules
           from resources r where r.org_id = $1 and r.id = $2"#,
        org.0,
        resource.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    if let Some(rules) = row.rules {
        return Ok(serde_json::from_value(rules).map_err(|e| Fault::corrupt("policies.rules", e))?);
    }
    let settings = organizations::load(tx).await?.settings;
    Ok(Rules {
        hold_minutes: settings.hold_minutes,
        reminders: settings.reminders,
        check_in: settings.check_in,
        ..Rules::of_kind(Some(row.kind))
    })
}
