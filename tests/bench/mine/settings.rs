//! How our runner is set in each figure. Stated in the output, as the kit states its peers' settings.

use super::claim;
use crate::wish::Wish;
use queue::RunnerSettings;

/// Organizations the jobs belong to, in turn: fairness has something to be fair to.
const ORGS: u64 = 16;

/// What a runner is tuned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Drain,
    E2e,
    Latency,
}

impl Profile {
    pub fn settings(self, wish: &Wish) -> RunnerSettings {
        let concurrency = match self {
            Self::Drain => 2_000,
            Self::E2e => 500,
            Self::Latency => 64,
        };
        let name = format!("bench-{}", std::process::id());
        RunnerSettings { name, concurrency: wish.number("concurrency", concurrency), ..RunnerSettings::default() }
    }
}

pub fn orgs(wish: &Wish) -> u64 {
    wish.number("orgs", ORGS)
}

/// All of it, in words.
pub fn describe(wish: &Wish) -> String {
    let one = |name: &str, RunnerSettings { concurrency, poll, lease, .. }: RunnerSettings| {
        format!("{name}: concurrency {concurrency}, poll {poll:?}, lease {lease:?}")
    };
    let all = [
        one("drain and held_xmin", Profile::Drain.settings(wish)),
        one("e2e", Profile::E2e.settings(wish)),
        one("latency", Profile::Latency.settings(wish)),
        one("claim_1m", claim::settings()),
        one("fairness and lateness, as it comes", RunnerSettings::default()),
    ];
    format!(
        "one runner in one process, jobs of {} organizations, metrics {}\n    {}",
        orgs(wish),
        wish.text("metrics").unwrap_or("no"),
        all.join("\n    ")
    )
}
