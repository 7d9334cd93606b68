//! The crew's processes: started, stopped, and started again when they die, as a service manager does.

use crate::{orphans::Orphans, stage::Stage};
use harness::programs::Program;
use std::time::{Duration, Instant};

/// A service manager sees a death at once and waits a moment.
const LOOK: Duration = Duration::from_millis(20);
const PAUSE: Duration = Duration::from_millis(200);

/// Its members; killed with their values.
pub struct Crew {
    environment: Vec<(&'static str, String)>,
    members: Vec<(&'static str, Program)>,
}

impl Crew {
    pub fn of(stage: &Stage) -> Self {
        Self { environment: stage.app.environment(), members: Vec::new() }
    }

    /// A further member; `patience` is how long it stays at a long chore. Answers its process id.
    pub fn hire(&mut self, name: &'static str, patience: Duration) -> u32 {
        let program = self.start(name, patience);
        let pid = program.pid;
        self.members.push((name, program));
        pid
    }

    /// Sends a member a signal by its name.
    pub async fn signal(&self, member: &str, signal: &str) {
        let found = self.members.iter().find(|(name, _)| *name == member);
        found.expect("a member").1.signal(signal).await;
    }

    /// Starts again whoever dies, until the time is over. Answers how many died.
    pub async fn keep_alive(&mut self, stage: &Stage, orphans: &Orphans, until: Instant) -> u64 {
        let mut deaths = 0;
        while Instant::now() < until {
            tokio::time::sleep(LOOK).await;
            for at in 0..self.members.len() {
                if !self.members[at].1.ended() {
                    continue;
                }
                deaths += 1;
                orphans.count(&stage.eyes, Some(self.members[at].1.pid), Instant::now()).await;
                tokio::time::sleep(PAUSE).await;
                self.members[at].1 = self.start(self.members[at].0, Duration::ZERO);
            }
        }
        deaths
    }

    fn start(&self, name: &str, patience: Duration) -> Program {
        let patience = patience.as_secs().to_string();
        Program::start(name, "chaos", &self.environment, &["crew", name, &patience])
    }
}
