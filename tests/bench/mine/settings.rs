//! How our runner is set in each figure. Stated in the output, as the kit states its peers' settings.

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

/// One line per profile.
pub fn describe(wish: &Wish) -> String {
    let one = |profile: Profile| {
        let RunnerSettings { concurrency, poll, lease, .. } = profile.settings(wish);
        format!("{profile:?}: concurrency {concurrency}, poll {poll:?}, lease {lease:?}").to_lowercase()
    };
    let all = [Profile::Drain, Profile::E2e, Profile::Latency].map(one).join("; ");
    format!("one runner in one process; {all}; jobs of {} organizations; metrics {}", orgs(wish), metrics(wish))
}

fn metrics(wish: &Wish) -> &str {
    wish.text("metrics").unwrap_or("no")
}
