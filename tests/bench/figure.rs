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

    /// Ours, theirs and the ratio, as they are shown.
    fn values(&self) -> (String, String, String) {
        let ratio = self.ratio();
        let ratio = if ratio.is_nan() { "na".into() } else { format!("{ratio:.2}") };
        let with_unit = |value: f64| if value.is_nan() { "na".into() } else { short(value) + self.unit };
        (with_unit(self.ours), with_unit(self.theirs), ratio)
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
        let (goal, reached) = self.judged();
        let (ours, theirs, ratio) = self.values();
        let mut line = format!("bench {} ours={ours} peer={}:{theirs} ratio={ratio}", self.name, self.peer);
        for (name, value) in &self.more {
            line += &format!(" {name}={}", short(*value));
        }
        if !goal.is_empty() {
            line += &format!(" goal{goal} {reached}");
        }
        println!("{line}");
    }
}

/// Everything beside everybody, then what a figure is judged by.
pub fn print_tables(figures: &[Figure]) {
    let beside_many = |figure: &&Figure| figures.iter().filter(|other| other.name == figure.name).count() > 1;
    let many: Vec<&Figure> = figures.iter().filter(beside_many).collect();
    if !many.is_empty() {
        print_everybody(&many);
    }
    println!("\n{:<24} {:>10} {:>10} {:>6} {:>6} {:<8} peer", "figure", "ours", "peer", "ratio", "goal", "");
    for figure in figures.iter().filter(|figure| figure.goal.is_some() || !beside_many(figure)) {
        let (goal, reached) = figure.judged();
        let (ours, theirs, ratio) = figure.values();
        println!("{:<24} {ours:>10} {theirs:>10} {ratio:>6} {goal:>6} {reached:<8} {}", figure.name, figure.peer);
    }
}

/// A line per figure, a column per peer.
fn print_everybody(figures: &[&Figure]) {
    let mut peers: Vec<&str> = Vec::new();
    for figure in figures {
        if !peers.contains(&figure.peer.as_str()) {
            peers.push(&figure.peer);
        }
    }
    let heads: String = peers.iter().map(|peer| format!(" {peer:>14}")).collect();
    println!("\n{:<27} {:>10}{heads}", "figure", "ours");
    for (at, figure) in figures.iter().enumerate() {
        if figures[..at].iter().any(|earlier| earlier.name == figure.name) {
            continue;
        }
        let value = |peer: &&str| {
            let same = |other: &&&Figure| other.name == figure.name && other.peer == **peer;
            figures.iter().find(same).map_or("-".into(), |found| short(found.theirs))
        };
        let values: String = peers.iter().map(|peer| format!(" {:>14}", value(peer))).collect();
        println!("{:<27} {:>10}{values}", format!("{} {}", figure.name, figure.unit), short(figure.ours));
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

/// So many hundredths of the sorted values lie below, counted as the peers' kit counts.
pub fn percentile(sorted: &[f64], hundredths: usize) -> f64 {
    sorted.get(sorted.len().saturating_sub(1) * hundredths / 100).copied().unwrap_or(f64::NAN)
}
