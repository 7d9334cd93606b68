//! Promise 8: at most so many jobs of a kind at once for an organization, over all runners.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use queue::{Job, Limit, NewJob, RunnerSettings, Verdict};
use uuid::Uuid;

use crate::harness::{Chore, House, Running};

const LIMITED: Uuid = Uuid::from_u128(1);
const FREE: Uuid = Uuid::from_u128(2);

/// How many run, and the most there ever were, for the limited organization and for the other.
#[derive(Clone, Default)]
struct Watch([Arc<AtomicUsize>; 4]);

impl Watch {
    fn of(&self, org: Option<Uuid>) -> (&AtomicUsize, &AtomicUsize) {
        let [limited, most_limited, free, most_free] = &self.0;
        if org == Some(LIMITED) { (limited, most_limited) } else { (free, most_free) }
    }

    fn most(&self, org: Uuid) -> usize {
        self.of(Some(org)).1.load(Ordering::SeqCst)
    }

    fn runner(&self, house: &House, name: &str, takes: Duration) -> Running {
        let limits = vec![Limit { kind: "note".into(), org_id: Some(LIMITED), running: 2 }];
        let settings = RunnerSettings {
            name: name.into(),
            concurrency: 8,
            grace: Duration::from_millis(500),
            limits,
            ..RunnerSettings::default()
        };
        let watch = self.clone();
        house.runner_with(settings, move |job: Job<Chore>| {
            let watch = watch.clone();
            async move {
                let (now, most) = watch.of(job.org_id);
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(takes).await;
                now.fetch_sub(1, Ordering::SeqCst);
                Verdict::Done
            }
        })
    }
}

fn jobs(org: Uuid, count: u32) -> Vec<NewJob> {
    (0..count).map(|n| NewJob::of(&Chore::Note { n }, Some(org))).collect()
}

#[tokio::test]
async fn a_limit_holds_over_two_runners_and_holds_back_nobody_else() {
    let house = House::build().await;
    house.post(&jobs(LIMITED, 12)).await;
    house.post(&jobs(FREE, 40)).await;
    let watch = Watch::default();
    let runners =
        [watch.runner(&house, "a", Duration::from_millis(60)), watch.runner(&house, "b", Duration::from_millis(60))];
    house.until(30, "select not exists (select from queue.jobs)").await;
    for runner in runners {
        runner.stop().await;
    }
    assert_eq!(watch.most(LIMITED), 2);
    assert!(watch.most(FREE) > 2, "the other ran {} at once", watch.most(FREE));
    assert_eq!(house.count("select count(*) from queue.history where outcome = 'done'").await, 52);
}

#[tokio::test]
async fn the_slots_of_a_killed_runner_come_free() {
    let house = House::build().await;
    house.post(&jobs(LIMITED, 6)).await;
    let killed = Watch::default();
    let runner = killed.runner(&house, "a", Duration::from_secs(600));
    house.until(5, "select count(*) = 2 from queue.jobs where lease is not null").await;
    runner.kill();
    let watch = Watch::default();
    let runner = watch.runner(&house, "b", Duration::from_millis(20));
    house.until(30, "select not exists (select from queue.jobs)").await;
    runner.stop().await;
    assert!(watch.most(LIMITED) <= 2, "{}", watch.most(LIMITED));
    assert_eq!(house.count("select count(*) from queue.history where outcome = 'done'").await, 6);
}
