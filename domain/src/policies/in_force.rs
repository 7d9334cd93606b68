//! Which rules a resource is booked under, at this instant. A booking keeps them as a snapshot.

use super::Rules;
use crate::{
    error::{Fault, Result},
    inventory::Kind,
    organizations::settings::Settings,
};
use serde_json::Value;

/// The rules in force for a resource of this kind, from what `rules_in_force` found for it. Without any policy, how long
/// a payment is waited for, when people are reminded and when check-in is open are as the organization's settings say.
pub(crate) fn in_force(policy: Option<Value>, kind: Kind, settings: Value) -> Result<Rules> {
    if let Some(rules) = policy {
        return Ok(serde_json::from_value(rules).map_err(|e| Fault::corrupt("policies.rules", e))?);
    }
    let settings: Settings =
        serde_json::from_value(settings).map_err(|e| Fault::corrupt("organizations.settings", e))?;
    Ok(Rules {
        hold_minutes: settings.hold_minutes,
        reminders: settings.reminders,
        check_in: settings.check_in,
        ..Rules::of_kind(Some(kind))
    })
}
