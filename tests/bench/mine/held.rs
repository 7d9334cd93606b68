//! Throughput while another session holds a transaction with a snapshot and an id open all the time, and without:
//! nothing that died since its snapshot can be cleared away, so a queue that walks over its dead slows down. Jobs come
//! from a process of their own, a thousand per commit, as fast as they are carried.

use super::{
    house::{House, pool},
    job::{KIND, Nothing, Seen, fill, orgs_of},
    put,
    runner::Runner,
    settings::{Profile, orgs},
};
use crate::wish::Wish;
use queue::{Bell, JobFamily};
use std::{
    io::Read,
    process::Stdio,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
    sync::mpsc,
};
use uuid::Uuid;

/// Chunks of a thousand jobs that wait or run at a time.
const UNDER_WAY: u64 = 20;
const WARM_UP: Duration = Duration::from_secs(3);

/// First without, then with the open transaction.
pub async fn run(wish: &Wish) {
    let time = Duration::from_secs(wish.number("seconds", 60));
    for (name, held) in [("clean", false), ("held", true)] {
        let house = House::build().await;
        let opened = if held { Some(house.open_transaction().await) } else { None };
        let pace = steadily(&house, wish, time).await;
        put(&format!("{name}_per_s"), pace.all);
        put(&format!("{name}_first_third_per_s"), pace.first_third);
        put(&format!("{name}_last_third_per_s"), pace.last_third);
        put(&format!("{name}_jobs"), pace.jobs);
        if let Some(opened) = opened {
            opened.rollback().await.unwrap();
        }
    }
}

/// Jobs per second.
struct Pace {
    all: f64,
    first_third: f64,
    last_third: f64,
    jobs: f64,
}

async fn steadily(house: &House, wish: &Wish, time: Duration) -> Pace {
    let seen = Arc::new(Seen::new(0));
    let runner = Runner::start(house.pool(24).await, Profile::Drain.settings(wish), &seen, Duration::ZERO);
    let mut feeder = feeder(&house.url(), orgs(wish));
    let mut valve = feeder.stdin.take().unwrap();
    let started = Instant::now();
    let (mut let_in, mut marks) = (0, Vec::new());
    while marks.len() < 4 {
        let carried = seen.untimed.load(Relaxed);
        let may = carried / 1_000 + UNDER_WAY;
        valve.write_all(&vec![b'+'; (may - let_in) as usize]).await.unwrap();
        let_in = may;
        let next = WARM_UP + time / 3 * marks.len() as u32;
        if started.elapsed() >= next {
            marks.push((started.elapsed().as_secs_f64(), carried as f64));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    drop(valve);
    assert!(feeder.wait().await.unwrap().success(), "the feeder failed");
    runner.stop().await;
    let pace = |from: usize, to: usize| (marks[to].1 - marks[from].1) / (marks[to].0 - marks[from].0);
    Pace { all: pace(0, 3), first_third: pace(0, 1), last_third: pace(2, 3), jobs: marks[3].1 }
}

fn feeder(url: &str, orgs: u64) -> Child {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args([super::NAME, "feed", &orgs.to_string()]).env("DATABASE_URL", url);
    program.stdin(Stdio::piped()).kill_on_drop(true).spawn().unwrap()
}

/// `feed <organizations>`: posts a thousand jobs for each byte that comes in.
#[allow(clippy::disallowed_methods, reason = "the kit's programs find their database by this variable")]
pub async fn feed(words: &[String]) {
    let pool = pool(&std::env::var("DATABASE_URL").unwrap(), 2).await;
    let orgs: Vec<Uuid> = orgs_of(words[0].parse().unwrap());
    let (open, mut valve) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        std::io::stdin().lock().bytes().map_while(Result::ok).try_for_each(|byte| open.send(byte))
    });
    let bell = Bell::start(&pool);
    while valve.recv().await.is_some() {
        fill(&pool, 1_000, &orgs).await;
        for org in &orgs {
            bell.announce_kind(Nothing::QUEUE, Some(*org), KIND);
        }
    }
}
