//! A figure beside its peer.

/// What was measured, what it stands beside, and what it should reach.
pub struct Figure {
    pub name: String,
    pub ours: f64,
    pub unit: &'static str,
    pub peer: String,
    pub theirs: f64,
    pub goal: Option<Goal>,
    /// What else is worth a look, as `name=value`.
    pub more: Vec<(&'static str, f64)>,
}

/// Where ours ÷ theirs should be.
#[derive(Clone, Copy)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Figure {
    pub fn new(name: &str, ours: f64, unit: &'static str, peer: &str, theirs: f64) -> Self {
        Self { name: name.into(), ours, unit, peer: peer.into(), theirs, goal: None, more: Vec::new() }
    }

    pub fn with(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        self
    }

    fn ratio(&self) -> f64 {
        self.ours / self.theirs
    }

    /// The goal and whether it was reached, both empty where there is none.
    fn judged(&self) -> (String, &'static str) {
        let (sign, goal, reached) = match self.goal {
            Some(Goal::AtLeast(goal)) => (">=", goal, self.ratio() >= goal),
            Some(Goal::AtMost(goal)) => ("<=", goal, self.ratio() <= goal),
            None => return (String::new(), ""),
        };
        // what could not be measured reaches nothing
        (format!("{sign}{goal:.2}"), if reached { "reached" } else { "MISSED" })
    }

    pub fn print(&self) {
        let (unit, (goal, reached)) = (self.unit, self.judged());
        let mut line = format!(
            "bench {} ours={}{unit} peer={}:{}{unit} ratio={:.2}",
            self.name,
            short(self.ours),
            self.peer,
            short(self.theirs),
            self.ratio()
        );
        for (name, value) in &self.more {
            line += &format!(" {name}={}", short(*value));
        }
        if !goal.is_empty() {
            line += &format!(" goal{goal} {reached}");
        }
        println!("{line}");
    }
}

/// All figures of a run, one under the other.
pub fn print_table(figures: &[Figure]) {
    println!("\n{:<24} {:>12} {:>12} {:>7} {:>7} {:<8} peer", "figure", "ours", "peer", "ratio", "goal", "");
    for figure in figures {
        let (goal, reached) = figure.judged();
        println!(
            "{:<24} {:>12} {:>12} {:>7.2} {goal:>7} {reached:<8} {}",
            figure.name,
            short(figure.ours) + figure.unit,
            short(figure.theirs) + figure.unit,
            figure.ratio(),
            figure.peer
        );
    }
}

/// As many digits as a reader can use.
pub fn short(value: f64) -> String {
    if value.is_nan() {
        "na".into()
    } else if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

/// The middle one; not a number where there is none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// So many hundredths of the sorted values lie below.
pub fn percentile(sorted: &[f64], hundredths: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((sorted.len() * hundredths / 100).min(last)).copied().unwrap_or(f64::NAN)
}
