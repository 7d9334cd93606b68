//! The knobs: what the sandbox does wrong, when, and the few settings that may change while it runs.

mod faults;
mod tuning;

pub use faults::{Faults, Refuse};
pub use tuning::{Strategy, Tuning, TuningPatch};

use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// No more rules than this are kept; the oldest goes first.
const MOST_RULES: usize = 1_000;

/// Faults for calls of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The operation (`checkout.create`), a family of them (`checkout`, `webhook`), or `*` for all.
    pub operation: String,
    /// For the next so many calls; absent: for all calls until the knobs are cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// Only calls about this address, checkout id or client reference (`smtp` and `webhook`).
    #[serde(default)]
    pub about: Option<String>,
    /// What goes wrong.
    pub faults: Faults,
}

impl Rule {
    fn covers(&self, operation: &str, about: &[&str]) -> bool {
        let family =
            || operation.strip_prefix(&self.operation).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let subject = || self.about.as_deref().is_none_or(|wanted| about.contains(&wanted));
        (self.operation == "*" || family()) && subject()
    }
}

/// The rules in force and the tunable settings.
#[derive(Debug)]
pub struct Knobs {
    rules: Mutex<Vec<Rule>>,
    tuning: Mutex<Tuning>,
}

impl Knobs {
    pub(crate) fn new(tuning: Tuning) -> Self {
        Self { rules: Mutex::default(), tuning: Mutex::new(tuning) }
    }

    /// The next `times` calls of `operation` go wrong like this. Rules of one operation are used up in order.
    pub fn next(&self, operation: &str, times: u32, faults: Faults) {
        self.add(Rule { operation: operation.into(), times: Some(times), about: None, faults });
    }

    /// Every call of `operation` goes wrong like this, until [`Knobs::clear`].
    pub fn always(&self, operation: &str, faults: Faults) {
        self.add(Rule { operation: operation.into(), times: None, about: None, faults });
    }

    /// Add one rule.
    pub fn add(&self, rule: Rule) {
        let mut rules = self.lock_rules();
        if rules.len() >= MOST_RULES {
            rules.remove(0);
        }
        rules.push(rule);
    }

    /// Forget all rules; settings stay.
    pub fn clear(&self) {
        self.lock_rules().clear();
    }

    /// The rules still in force.
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        self.lock_rules().clone()
    }

    /// The settings as they stand.
    #[must_use]
    pub fn tuning(&self) -> Tuning {
        self.tuning.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Change settings.
    pub fn tune(&self, change: impl FnOnce(&mut Tuning)) {
        change(&mut self.tuning.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The faults of this call; counts it against the first counted rule that covers it. Standing rules are laid
    /// under it, the later over the earlier.
    pub(crate) fn take(&self, operation: &str, about: &[&str]) -> Faults {
        let mut rules = self.lock_rules();
        let mut faults = Faults::default();
        for rule in rules.iter().filter(|rule| rule.times.is_none() && rule.covers(operation, about)) {
            faults = rule.faults.clone().over(faults);
        }
        let counted =
            rules.iter_mut().find(|rule| rule.times.is_some_and(|left| left > 0) && rule.covers(operation, about));
        if let Some(rule) = counted {
            rule.times = rule.times.map(|left| left - 1);
            faults = rule.faults.clone().over(faults);
        }
        rules.retain(|rule| rule.times != Some(0));
        faults
    }

    fn lock_rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knobs() -> Knobs {
        Knobs::new(Tuning::default())
    }

    #[test]
    fn a_counted_rule_lies_over_standing_rules_and_is_used_up() {
        let knobs = knobs();
        knobs.always("webhook", Faults { duplicate: Some(2), delay_ms: Some(5), ..Faults::default() });
        knobs.next("webhook.checkout.session.completed", 1, Faults { duplicate: Some(9), ..Faults::default() });
        let first = knobs.take("webhook.checkout.session.completed", &[]);
        assert_eq!((first.duplicate, first.delay_ms), (Some(9), Some(5)));
        let second = knobs.take("webhook.checkout.session.completed", &[]);
        assert_eq!(second.duplicate, Some(2));
        assert_eq!(knobs.rules().len(), 1);
    }

    #[test]
    fn a_rule_covers_its_own_family_and_subject_only() {
        let knobs = knobs();
        knobs.always("payout", Faults { html: Some(true), ..Faults::default() });
        knobs.add(Rule {
            operation: "smtp".into(),
            times: None,
            about: Some("full@example.org".into()),
            faults: Faults { smtp_code: Some(450), ..Faults::default() },
        });
        assert_eq!(knobs.take("payout.get", &[]).html, Some(true));
        assert_eq!(knobs.take("payouts.get", &[]).html, None);
        assert_eq!(knobs.take("smtp", &["other@example.org"]).smtp_code, None);
        assert_eq!(knobs.take("smtp", &["full@example.org"]).smtp_code, Some(450));
    }
}
