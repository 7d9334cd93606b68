//! How every case goes: the stage is set, people and programs are at work while something breaks, everything settles,
//! and one oracle speaks.

use crate::{
    client::Hitch,
    faults::{slow_down, spoil},
    figures::Figures,
    load::Load,
    luck::Luck,
    oracle::{self, Verdict},
    orphans::Orphans,
    settle,
    stage::Stage,
    troupe::{Cast, Troupe},
};
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

const SETTLE: Duration = Duration::from_secs(40);
/// A job that lost its worker is taken up again within this (QUEUE §3).
pub const RESUME: f64 = 5.0;

/// What a case plays with.
pub struct Plan {
    pub name: &'static str,
    pub cast: Cast,
    /// How long people begin new things.
    pub load: Duration,
    /// What a client may meet; anything else is a trouble.
    pub hitches: &'static [Hitch],
    /// Whether providers are at their worst, or only slow.
    pub spoilt: bool,
    /// Beside what every program has.
    pub environment: Vec<(&'static str, String)>,
}

impl Plan {
    /// One API, two workers, one scheduler, providers at their worst.
    pub fn of(name: &'static str) -> Self {
        let cast = Cast { apis: 1, workers: 2, schedulers: 1 };
        Self { name, cast, load: Duration::from_secs(36), hitches: &[], spoilt: true, environment: Vec::new() }
    }
}

/// A case under way.
pub struct Scene {
    pub plan: Plan,
    /// Before the stage: a case that fails ends its programs before their database goes.
    pub troupe: Troupe,
    pub stage: Stage,
    pub orphans: Orphans,
    pub figures: Figures,
    pub luck: Luck,
    /// What its clients saw.
    pub posted: Vec<String>,
    troubles: u64,
    samples: Vec<String>,
}

/// What a fault has in its hands while people are at work.
pub struct Field<'a> {
    pub stage: &'a Stage,
    pub troupe: &'a mut Troupe,
    pub orphans: &'a Orphans,
    pub luck: Luck,
    /// When people begin nothing new.
    pub over: Instant,
}

impl Scene {
    pub async fn set(plan: Plan, luck: Luck) -> Self {
        let mut stage = Stage::set().await;
        let mut environment = stage.app.environment();
        environment.extend(plan.environment.iter().cloned());
        let troupe = Troupe::enter(environment, plan.cast).await;
        stage.app.serve_from(&troupe.doors()[0]);
        Self {
            plan,
            stage,
            troupe,
            orphans: Orphans::default(),
            figures: Figures::default(),
            luck,
            posted: Vec::new(),
            troubles: 0,
            samples: Vec::new(),
        }
    }

    /// People work, providers misbehave, and `fault` breaks what it likes, until all three are over.
    pub async fn under_load<T>(&mut self, fault: impl AsyncFnOnce(Field<'_>) -> T) -> T {
        let (mut people, provider, own) = (self.luck.apart(), self.luck.apart(), self.luck.apart());
        let load = Load::gather(&self.stage, self.troupe.doors(), self.plan.load).await;
        let (started, over) = (Instant::now(), load.over());
        let (stage, orphans) = (&self.stage, &self.orphans);
        slow_down(stage.app.wave.knobs());
        let spoilt = async {
            if self.plan.spoilt {
                spoil(stage.app.wave.knobs(), provider, over).await;
            }
        };
        let field = Field { stage, troupe: &mut self.troupe, orphans, luck: own, over };
        let work = async { futures::join!(fault(field), load.flow(&mut people), spoilt).0 };
        let broken = tokio::select! {
            broken = work => broken,
            never = orphans.watch(&stage.eyes) => match never {},
        };
        orphans.rest(&stage.eyes).await;
        stage.app.wave.knobs().clear();
        println!(
            "  {:.0}s of load: {} payments posted, {} rides confirmed, {}",
            started.elapsed().as_secs_f64(),
            load.posted.lock().unwrap().len(),
            load.rides.load(Ordering::Relaxed),
            load.client.hitches
        );
        self.samples.extend(load.client.hitches.samples_beyond(self.plan.hitches));
        self.troubles += load.troubles.load(Ordering::Relaxed) + load.client.hitches.beyond(self.plan.hitches);
        self.posted.append(&mut load.posted.into_inner().unwrap());
        broken
    }

    /// Waits until no job is due or running, without moving the clock.
    pub async fn at_rest(&self) {
        settle::at_rest(&self.stage, Instant::now() + SETTLE).await;
    }

    /// Settles and asks the oracle, programs that fell and troubles of clients with it.
    pub async fn verdict(&mut self) -> Verdict {
        let started = Instant::now();
        let open = settle::settle(&self.stage, SETTLE).await;
        println!("  settled in {:.0}s; {}", started.elapsed().as_secs_f64(), self.orphans.summary());
        let mut verdict = oracle::speak(&self.stage, &open, &self.posted).await;
        verdict.resume_p99_s = self.orphans.p99();
        if self.troubles > 0 {
            verdict.details.push(format!("{} steps of clients went otherwise than they should", self.troubles));
            verdict.details.append(&mut self.samples);
            verdict.unexplained += i64::try_from(self.troubles).unwrap();
        }
        self.figures.zero("process_exits", self.troupe.exits());
        verdict
    }

    /// Asks the oracle, prints, strikes the stage. True when nothing was harmed and every goal was reached.
    pub async fn end(mut self) -> bool {
        let verdict = self.verdict().await;
        let mut missed = self.figures.missed();
        if verdict.resume_p99_s > RESUME {
            missed.push(format!("resume_p99_s={:.1} is above {RESUME}", verdict.resume_p99_s));
        }
        for line in verdict.details.iter().take(20) {
            println!("  {line}");
        }
        for line in &missed {
            println!("  missed: {line}");
        }
        println!("  {} {}", self.plan.name, self.figures);
        println!("chaos {} {verdict}", self.plan.name);
        if verdict.overlaps > 0 {
            println!("  the database {} is kept", self.stage.keep());
        }
        self.troupe.leave().await;
        self.stage.strike().await;
        verdict.harmless() && missed.is_empty()
    }
}
