//! What clients say of a policy, and how it is shown.

use crate::envelope::Reply;
use chrono::{DateTime, Utc};
use domain::{
    inventory::Kind,
    policies::{self, NewPolicy, PolicyPatch},
    refusals::Refusal,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// Rules with a name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Policy {
    /// Its id.
    id: Uuid,
    /// Its name, once in the organization.
    #[schema(example = "Cameras")]
    name: String,
    /// What may name it: a kind, or `any`.
    #[schema(example = "equipment")]
    applies_to: &'static str,
    /// In force for things of its kind that name no policy.
    standard: bool,
    /// The rules, whole.
    #[schema(value_type = Object, example = json!({ "approval": "staff", "max_minutes": 10080 }))]
    rules: Value,
    /// How many resources name it.
    #[schema(example = 3)]
    resource_count: i64,
    /// The number in its `ETag`.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// A policy to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPolicyBody {
    /// 3 to 200 characters, once in the organization.
    #[schema(example = "Cameras")]
    name: String,
    /// `parking`, `equipment`, `room`, `vehicle`, `machine` or `any`, which is the default.
    #[schema(example = "equipment")]
    applies_to: Option<String>,
    /// In force for things of its kind that name no policy; at most one for each.
    #[schema(example = false)]
    standard: Option<bool>,
    /// Rules that differ from what the kind has by default.
    #[schema(value_type = Option<Object>, example = json!({
        "approval": "staff", "grid_minutes": 15, "max_minutes": 10080, "hand_over": true,
        "late_return": { "grace_minutes": 30, "penalty_points": 1, "fine_per_hour": 500, "fine_most": 20000 },
        "offer_ttl_minutes": 10
    }))]
    rules: Option<Value>,
}

/// What to change; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "rules": { "max_minutes": 2880, "max_units": null } }))]
pub struct PatchPolicy {
    /// 3 to 200 characters.
    name: Option<String>,
    /// In force for things of its kind that name no policy.
    standard: Option<bool>,
    /// Merged into the rules; null restores what the kind has by default.
    #[schema(value_type = Option<Object>)]
    rules: Option<Value>,
}

impl NewPolicyBody {
    pub(super) fn policy(self) -> Result<NewPolicy, Refusal> {
        let applies_to = match self.applies_to.as_deref() {
            None | Some("any") => None,
            Some(kind) if Kind::OFFERED.contains(&kind) => Some(kind.parse()?),
            Some(_) => {
                let problem = format!("allowed: any, {}", Kind::OFFERED.join(", "));
                return Err(Refusal::invalid("applies_to", problem));
            }
        };
        let (standard, rules) = (self.standard.unwrap_or_default(), self.rules.unwrap_or_else(|| json!({})));
        Ok(NewPolicy { name: self.name, applies_to, standard, rules })
    }
}

impl From<PatchPolicy> for PolicyPatch {
    fn from(PatchPolicy { name, standard, rules }: PatchPolicy) -> Self {
        Self { name, standard, rules }
    }
}

impl From<policies::Policy> for Policy {
    fn from(policy: policies::Policy) -> Self {
        Self {
            id: policy.id.into(),
            name: policy.name,
            applies_to: policy.applies_to.map_or("any", Kind::code),
            standard: policy.standard,
            rules: json!(policy.rules),
            resource_count: policy.resource_count,
            version: policy.version,
            created_at: policy.created_at,
            updated_at: policy.updated_at,
        }
    }
}

pub(super) fn shown(policy: policies::Policy) -> Reply {
    let version = policy.version;
    Reply::ok(Policy::from(policy)).version(version)
}
