//! Every bound of the rules, checked before anything is stored, and nothing taken silently that no rule knows.

use super::{
    rules::{CancellationTier, Rules},
    score,
};
use crate::{error::Result, inventory::Kind, money::LARGEST_AMOUNT, organizations::merge, refusals::Refusal};
use serde_json::{Value, json};

/// A year, in minutes.
const YEAR: i64 = 525_600;

impl Rules {
    /// These rules with a merge patch applied (RFC 7396): null restores what the kind has by default.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the first parameter that is unknown, mistyped or out of bounds.
    pub fn patched(&self, kind: Option<Kind>, patch: &Value) -> Result<Self> {
        let mut rules = json!(Self::of_kind(kind));
        known(&rules, patch, "rules")?;
        let mut wanted = json!(self);
        merge(&mut wanted, patch);
        merge(&mut rules, &wanted);
        let rules: Self =
            serde_json::from_value(rules).map_err(|problem| Refusal::invalid("rules", problem.to_string()))?;
        rules.check()?;
        Ok(rules)
    }

    fn check(&self) -> Result<()> {
        for (field, value, least, most) in self.bounds() {
            if !(least..=most).contains(&value) {
                return Err(
                    Refusal::invalid(format!("rules.{field}"), format!("must be between {least} and {most}")).into()
                );
            }
        }
        if 60 % self.grid_minutes != 0 {
            return Err(Refusal::invalid("rules.grid_minutes", "must divide an hour").into());
        }
        if self.reminders.iter().any(|minutes| !(1..=43_200).contains(minutes)) {
            return Err(Refusal::invalid("rules.reminders", "each must be between 1 and 43200 minutes").into());
        }
        if let Some(problem) = CancellationTier::problem(&self.cancellation) {
            return Err(Refusal::invalid("rules.cancellation", problem).into());
        }
        let weights = &self.score_weights;
        let others = [weights.hour_waited, weights.penalty_point, weights.active_booking, weights.high_priority];
        let within = |weight: &i32| (-score::HEAVIEST..=score::HEAVIEST).contains(weight);
        if weights.hour_waited < 0 || !others.iter().chain(weights.roles.values()).all(within) {
            let problem = format!("each at most {} either way, and waiting never costs", score::HEAVIEST);
            return Err(Refusal::invalid("rules.score_weights", problem).into());
        }
        if weights.roles.len() > 20 || weights.roles.keys().any(|role| role.is_empty() || role.len() > 41) {
            return Err(Refusal::invalid("rules.score_weights.roles", "at most 20 names of roles").into());
        }
        self.check_eligibility()?;
        self.periods.check()
    }

    fn check_eligibility(&self) -> Result<()> {
        let short = |words: &Vec<String>| words.len() <= 20 && words.iter().all(|word| (1..=60).contains(&word.len()));
        if !short(&self.eligible_roles) {
            return Err(Refusal::invalid("rules.eligible_roles", "at most 20 names of roles").into());
        }
        let features = &self.reserved_features;
        let sound =
            |word: &String| (1..=60).contains(&word.len()) && !word.contains(',') && *word == word.to_lowercase();
        if features.len() > 20 || !features.keys().all(sound) || !features.values().all(short) {
            return Err(Refusal::invalid("rules.reserved_features", "at most 20 features, each with its roles").into());
        }
        Ok(())
    }

    fn bounds(&self) -> Vec<(&'static str, i64, i64, i64)> {
        let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let or_one = |limit: Option<u32>| limit.map_or(1, i64::from);
        vec![
            ("grid_minutes", self.grid_minutes.into(), 1, 60),
            ("min_minutes", self.min_minutes.into(), 1, YEAR),
            ("max_minutes", self.max_minutes.into(), self.min_minutes.into(), YEAR),
            ("lead_minutes", self.lead_minutes.into(), 0, YEAR),
            ("horizon_days", self.horizon_days.into(), 1, 730),
            ("buffer_before_minutes", self.buffer_before_minutes.into(), 0, 1_440),
            ("buffer_after_minutes", self.buffer_after_minutes.into(), 0, 1_440),
            ("hold_minutes", self.hold_minutes.into(), 1, 10_080),
            ("max_units", or_one(self.max_units), 1, 60),
            ("max_active_bookings", or_one(self.max_active_bookings), 1, 1_000),
            ("max_minutes_per_week", or_one(self.max_minutes_per_week), 1, 1_000_000),
            ("blocked_from_penalty_points", or_one(self.blocked_from_penalty_points), 1, 1_000_000),
            ("check_in.opens_minutes_before", self.check_in.opens_minutes_before.into(), 0, 10_080),
            ("check_in.closes_minutes_after", self.check_in.closes_minutes_after.into(), 0, 10_080),
            ("release_after_minutes", or_one(self.release_after_minutes), 1, 10_080),
            ("no_show.penalty_points", self.no_show.penalty_points.into(), 0, 1_000),
            ("no_show.fine", self.no_show.fine, 0, LARGEST_AMOUNT),
            ("no_show.fee_basis_points", self.no_show.fee_basis_points.into(), 0, 10_000),
            ("no_show.fee_fixed", self.no_show.fee_fixed, 0, LARGEST_AMOUNT),
            ("late_return.grace_minutes", self.late_return.grace_minutes.into(), 0, 10_080),
            ("late_return.penalty_points", self.late_return.penalty_points.into(), 0, 1_000),
            ("late_return.fine_per_hour", self.late_return.fine_per_hour, 0, LARGEST_AMOUNT),
            ("late_return.fine_most", self.late_return.fine_most.unwrap_or(1), 1, LARGEST_AMOUNT),
            ("offer_ttl_minutes", self.offer_ttl_minutes.into(), 1, 10_080),
            ("reminders", count(self.reminders.len()), 0, 5),
        ]
    }
}

/// Refuses what no rule is called. Names of roles are the organization's own.
fn known(rules: &Value, patch: &Value, path: &str) -> Result<()> {
    let Some(fields) = patch.as_object() else {
        return Err(Refusal::invalid(path, "must be an object").into());
    };
    for (name, value) in fields {
        let path = format!("{path}.{name}");
        match rules.get(name) {
            None => return Err(Refusal::invalid(path, "there is no such rule").into()),
            Some(_) if ["rules.score_weights.roles", "rules.reserved_features"].contains(&path.as_str()) => {}
            Some(inner) if inner.is_object() && !value.is_null() => known(inner, value, &path)?,
            Some(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(patch: &Value) -> String {
        match Rules::of_kind(Some(Kind::Room)).patched(Some(Kind::Room), patch) {
            Err(crate::error::Error::Refused(Refusal::Invalid { field, .. })) => field,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_patch_changes_what_it_names_and_null_restores_the_default_of_the_kind() {
        let kind = Some(Kind::Room);
        let patch = json!({ "max_minutes": 60, "late_return": { "fine_per_hour": 500 }, "max_units": 2,
                            "score_weights": { "roles": { "dean": 100 } } });
        let rules = Rules::of_kind(kind).patched(kind, &patch).unwrap();
        assert_eq!((rules.max_minutes, rules.late_return.fine_per_hour, rules.max_units), (60, 500, Some(2)));
        assert_eq!((rules.late_return.penalty_points, rules.score_weights.roles.len()), (1, 2));
        let back = rules.patched(kind, &json!({ "max_minutes": null, "max_units": null })).unwrap();
        assert_eq!((back.max_minutes, back.max_units, back.late_return.fine_per_hour), (480, None, 500));
    }

    #[test]
    fn unknown_mistyped_and_unbounded_rules_are_refused_by_name() {
        for (patch, field) in [
            (json!({ "max_minuets": 60 }), "rules.max_minuets"),
            (json!({ "late_return": { "fine": 1 } }), "rules.late_return.fine"),
            (json!({ "late_return": 5 }), "rules.late_return"),
            (json!({ "max_minutes": 29 }), "rules.max_minutes"),
            (json!({ "grid_minutes": 7 }), "rules.grid_minutes"),
            (json!({ "grid_minutes": 0 }), "rules.grid_minutes"),
            (json!({ "min_minutes": "30" }), "rules"),
            (json!({ "periods": { "day": { "from": "09:00", "to": "18:00" } } }), "rules.periods"),
            (json!({ "score_weights": { "hour_waited": -1 } }), "rules.score_weights"),
            (
                json!({ "cancellation": [{ "before_minutes": 60, "allowed": true },
                                      { "before_minutes": 30, "allowed": false }] }),
                "rules.cancellation",
            ),
            (
                json!({ "cancellation": [{ "before_minutes": 60, "allowed": true, "fee_basis_points": 10_001 }] }),
                "rules.cancellation",
            ),
            (json!([]), "rules"),
        ] {
            assert_eq!(refused(&patch), field, "{patch}");
        }
    }
}
