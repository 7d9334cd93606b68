//! What a case measures beside the oracle's counts: each figure with what is demanded of it.

use std::{fmt, ops::RangeInclusive};

/// Figures by name, in the order they were measured.
#[derive(Debug, Default)]
pub struct Figures(Vec<(&'static str, f64, RangeInclusive<f64>)>);

impl Figures {
    /// For the reader only.
    pub fn told(&mut self, name: &'static str, value: f64) {
        self.within(name, value, f64::NEG_INFINITY..=f64::INFINITY);
    }

    /// Harm when it is not 0.
    pub fn zero(&mut self, name: &'static str, count: i64) {
        self.within(name, count as f64, 0.0..=0.0);
    }

    /// A goal from above.
    pub fn at_most(&mut self, name: &'static str, value: f64, most: f64) {
        self.within(name, value, f64::NEG_INFINITY..=most);
    }

    /// A goal from below.
    pub fn at_least(&mut self, name: &'static str, value: f64, least: f64) {
        self.within(name, value, least..=f64::INFINITY);
    }

    /// Exactly this.
    pub fn exactly(&mut self, name: &'static str, value: f64, wanted: f64) {
        self.within(name, value, wanted..=wanted);
    }

    fn within(&mut self, name: &'static str, value: f64, goal: RangeInclusive<f64>) {
        self.0.push((name, value, goal));
    }

    /// A figure as it was measured.
    pub fn of(&self, name: &str) -> f64 {
        let found = self.0.iter().find(|(known, ..)| *known == name);
        found.unwrap_or_else(|| panic!("{name} was not measured")).1
    }

    /// Whether a figure is outside what is demanded.
    pub fn misses(&self, name: &str) -> bool {
        self.0.iter().any(|(known, value, goal)| *known == name && !goal.contains(value))
    }

    /// Those outside what is demanded.
    pub fn missed(&self) -> Vec<String> {
        let missed = self.0.iter().filter(|(_, value, goal)| !goal.contains(value));
        missed.map(|(name, value, goal)| format!("{name}={} is not within {goal:?}", told(*value))).collect()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(|(name, value, _)| format!("{name}={}", told(*value))).collect();
        f.write_str(&all.join(" "))
    }
}

fn told(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value}") } else { format!("{value:.2}") }
}
