//! A figure beside its peer.

/// What was measured, and what it stands beside.
pub struct Figure {
    pub name: String,
    /// Per second.
    pub ours: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub peer: &'static str,
    /// Per second.
    pub theirs: f64,
    pub peer_p50_ms: f64,
    pub peer_p99_ms: f64,
}

impl Figure {
    fn ratio(&self) -> f64 {
        self.ours / self.theirs
    }

    pub fn print(&self) {
        println!(
            "bench {} ours={:.0}/s peer={}:{:.0}/s ratio={:.2} p50_ms={:.2} p99_ms={:.2} peer_p50_ms={:.2} peer_p99_ms={:.2}",
            self.name,
            self.ours,
            self.peer,
            self.theirs,
            self.ratio(),
            self.p50_ms,
            self.p99_ms,
            self.peer_p50_ms,
            self.peer_p99_ms
        );
    }
}

/// All figures of a run, one under the other.
pub fn print_table(figures: &[Figure]) {
    println!(
        "\n{:<24} {:>10} {:>10} {:>6} {:>8} {:>8}  peer",
        "figure", "ours/s", "peer/s", "ratio", "p50 ms", "p99 ms"
    );
    for figure in figures {
        println!(
            "{:<24} {:>10.0} {:>10.0} {:>6.2} {:>8.2} {:>8.2}  {}",
            figure.name,
            figure.ours,
            figure.theirs,
            figure.ratio(),
            figure.p50_ms,
            figure.p99_ms,
            figure.peer
        );
    }
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// So many hundredths of the sorted values lie below.
pub fn percentile(sorted: &[f64], hundredths: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((sorted.len() * hundredths / 100).min(last)).copied().unwrap_or(0.0)
}
