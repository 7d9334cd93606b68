//! One runner per queue, side by side, until asked to stop.

use crate::{env::Env, maintenance, notifications, payments, reservations};
use domain::jobs::{Maintenance, Notifications, Payments, Reservations};
use futures::{FutureExt, future::BoxFuture};
use queue::{JobFamily, RunnerSettings};
use std::{collections::BTreeSet, str::FromStr, sync::Arc};
use tokio_util::sync::CancellationToken;

/// A queue this program carries: a service level, so that operators scale each alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Queue {
    /// Money.
    Payments,
    /// Holds.
    Reservations,
    /// Messages.
    Notifications,
    /// Housekeeping.
    Maintenance,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 4] = [Self::Payments, Self::Reservations, Self::Notifications, Self::Maintenance];

    /// Its name in the database, in metrics and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Payments => Payments::QUEUE,
            Self::Reservations => Reservations::QUEUE,
            Self::Notifications => Notifications::QUEUE,
            Self::Maintenance => Maintenance::QUEUE,
        }
    }
}

impl FromStr for Queue {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|queue| queue.name() == name);
        known.ok_or_else(|| format!("expected {}", Self::ALL.map(Self::name).join(", ")))
    }
}

/// Carries the jobs of `queues` until `stopping` is cancelled, then ends within the grace of `settings`. Nothing else
/// ends it.
pub async fn carry(env: &Arc<Env>, queues: &BTreeSet<Queue>, settings: &RunnerSettings, stopping: &CancellationToken) {
    let runners = queues.iter().map(|queue| runner(*queue, env.clone(), settings.clone(), stopping.clone()));
    futures::future::join_all(runners).await;
}

fn runner(
    queue: Queue,
    env: Arc<Env>,
    settings: RunnerSettings,
    stopping: CancellationToken,
) -> BoxFuture<'static, ()> {
    let pool = env.db().pool().clone();
    let stop = stopping.cancelled_owned();
    match queue {
        Queue::Payments => queue::run(pool, settings, stop, payments::handle(env)).map(drop).boxed(),
        Queue::Reservations => queue::run(pool, settings, stop, reservations::handle(env)).map(drop).boxed(),
        Queue::Notifications => queue::run(pool, settings, stop, notifications::handle(env)).map(drop).boxed(),
        Queue::Maintenance => queue::run(pool, settings, stop, maintenance::handle(env)).map(drop).boxed(),
    }
}
