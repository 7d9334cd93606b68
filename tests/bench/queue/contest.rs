//! The figures that every queue has. Each command goes round all peers before the next one starts, so that what is
//! compared was measured within a minute or two.

use super::{
    child,
    kit::{HAND, Kit},
    tally::Tally,
};
use crate::{
    figure::{
        Figure,
        Goal::{self, AtLeast, AtMost},
    },
    mine::{self, NAME, WAL},
    peer,
    wish::Wish,
};
use harness::{TestDatabase, database::admin_url};
use sqlx::{Connection, PgConnection};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// The limit of durable commits, at as many clients as there are producers.
const PGBENCH: &str = "pgbench_insert";
const PGBENCH_TIME: Duration = Duration::from_secs(6);

/// Stands for the goal itself, where the figure stands beside nobody.
pub const LIMIT: &str = "limit";
/// Bytes of write-ahead log that a job may cost.
const WAL_LIMIT: f64 = 1_024.0;
/// A rival so many times slower than the best one cannot become the best.
const FAR: f64 = 2.0;
/// Jobs in a drain, unless `drain_n=` says otherwise.
const DRAINED: f64 = 100_000.0;

/// A figure of the kit and what is asked of it.
struct Asked {
    name: &'static str,
    command: &'static str,
    figure: &'static str,
    unit: &'static str,
    best: Option<Goal>,
    beside: Option<(&'static str, Goal)>,
}

impl Asked {
    const fn new(name: &'static str, command: &'static str, figure: &'static str, unit: &'static str) -> Self {
        Self { name, command, figure, unit, best: None, beside: None }
    }

    const fn best(mut self, goal: Goal) -> Self {
        self.best = Some(goal);
        self
    }

    const fn beside(mut self, peer: &'static str, goal: Goal) -> Self {
        self.beside = Some((peer, goal));
        self
    }

    /// How many times better the one is: rates should be high, all else low.
    fn lead(&self, one: f64, other: f64) -> f64 {
        if self.unit == "/s" { one / other } else { other / one }
    }
}

const ASKED: [Asked; 9] = [
    Asked::new("queue.drain", "drain", "drain_100k", "/s").best(AtLeast(1.5)).beside(HAND, AtLeast(0.75)),
    Asked::new("queue.e2e", "e2e", "e2e_c16", "/s").beside(PGBENCH, AtLeast(0.45)),
    Asked::new("queue.latency_p50/100", "lat100", "lat100_p50_ms", "ms").best(AtMost(0.6)),
    Asked::new("queue.latency_p99/100", "lat100", "lat100_p99_ms", "ms").best(AtMost(0.6)),
    Asked::new("queue.latency_p50/1000", "lat1000", "lat1000_p50_ms", "ms").best(AtMost(0.6)),
    Asked::new("queue.latency_p99/1000", "lat1000", "lat1000_p99_ms", "ms").best(AtMost(0.6)),
    Asked::new("queue.enqueue", "enq", "enqueue_c16", "/s"),
    Asked::new("queue.bulk", "bulk", "bulk", "/s"),
    Asked::new("queue.wal_per_job", "drain", WAL, "B").beside(LIMIT, AtMost(1.0)),
];

/// Measures in rounds and prints the medians.
///
/// # Errors
/// When ours or pgbench does not run.
pub async fn measure(wish: &Wish) -> Result<Vec<Figure>, String> {
    let asked: Vec<&Asked> = ASKED.iter().filter(|asked| wish.wants(asked.name)).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let commands: BTreeSet<_> = asked.iter().map(|asked| asked.command).collect();
    let mut contest = Contest { wish, kit: Kit::of(wish), tally: Tally::default() };
    println!("  peers, set as their kit says: {}", contest.kit.said());
    contest.tally.add(LIMIT, WAL, WAL_LIMIT);
    let rounds: u32 = wish.number("rounds", 3);
    for round in 1..=rounds {
        eprintln!("  round {round} of {rounds}, load {}", load());
        contest.kit.set_up().await;
        for command in mine::COMMANDS.into_iter().filter(|command| commands.contains(command)) {
            let started = Instant::now();
            contest.go_round(round, command).await?;
            eprintln!("    {command}: {:.0} s", started.elapsed().as_secs_f64());
        }
    }
    contest.kit.clear().await;
    let figures: Vec<Figure> = asked.into_iter().flat_map(|asked| contest.figures(asked)).collect();
    figures.iter().for_each(Figure::print);
    Ok(figures)
}

struct Contest<'a> {
    wish: &'a Wish,
    kit: Kit,
    tally: Tally,
}

impl Contest<'_> {
    /// One command of everybody; every other round the other way round, so that nobody always comes after the same.
    async fn go_round(&mut self, round: u32, command: &'static str) -> Result<(), String> {
        let mut all: Vec<_> = [NAME].into_iter().chain(self.kit.peers.iter().copied()).collect();
        if round.is_multiple_of(2) {
            all.reverse();
        }
        for one in all {
            if one == NAME {
                rest().await;
                child::run(child::ours(command, self.wish.options()), &mut self.tally).await?;
            } else if round == 1 || self.worth_another(one, command) {
                self.run_peer(one, command).await;
            }
        }
        if command == "e2e" || self.kit.peers.is_empty() {
            let inserted = insert().await?;
            for asked in ASKED.iter().filter(|asked| asked.command == command && asked.unit == "/s") {
                self.tally.add(PGBENCH, asked.figure, inserted);
            }
        }
        Ok(())
    }

    async fn run_peer(&mut self, peer: &str, command: &str) {
        rest().await;
        let before = wal().await;
        match child::run(self.kit.figure(peer, command, self.wish), &mut self.tally).await {
            Ok(()) if command == "drain" => {
                let jobs = self.wish.number("drain_n", DRAINED);
                self.tally.add(peer, WAL, (wal().await - before) / jobs);
            }
            Ok(()) => {}
            Err(problem) => eprintln!("  {peer} {command}: {problem}"),
        }
    }

    /// Whether another round of a rival can change what a goal is judged by: rounds take minutes that others need.
    fn worth_another(&self, peer: &str, command: &str) -> bool {
        let mut judged = ASKED.iter().filter(|asked| asked.command == command && asked.best.is_some());
        let near = |asked: &Asked| {
            let theirs = self.tally.median(peer, asked.figure);
            let best = self.best(asked).map_or(f64::NAN, |best| self.tally.median(best, asked.figure));
            theirs.is_nan() || asked.lead(best, theirs) < FAR
        };
        peer == HAND || judged.any(near)
    }

    /// The best rival so far.
    fn best(&self, asked: &Asked) -> Option<&'static str> {
        let rivals = self.kit.peers.iter().copied().filter(|peer| *peer != HAND);
        let rivals = rivals.map(|peer| (peer, self.tally.median(peer, asked.figure)));
        let rivals = rivals.filter(|(_, theirs)| !theirs.is_nan());
        rivals.reduce(|one, other| if asked.lead(other.1, one.1) > 1.0 { other } else { one }).map(|(peer, _)| peer)
    }

    /// Ours beside everybody who has this figure; the goals stand where they are judged.
    fn figures(&self, asked: &Asked) -> Vec<Figure> {
        let ours = self.tally.median(NAME, asked.figure);
        let peers = [LIMIT, PGBENCH].into_iter().chain(self.kit.peers.iter().copied());
        let peers: Vec<_> = peers.map(|peer| (peer, self.tally.median(peer, asked.figure))).collect();
        let peers: Vec<_> = peers.into_iter().filter(|(_, theirs)| !theirs.is_nan()).collect();
        let best = self.best(asked);
        let beside = |(peer, theirs): &(&str, f64)| {
            let mut figure = Figure::new(asked.name, ours, asked.unit, peer, *theirs);
            figure.goal = asked.beside.filter(|(beside, _)| beside == peer).map(|(_, goal)| goal);
            figure.goal = figure.goal.or(asked.best.filter(|_| best == Some(*peer)));
            figure
        };
        if peers.is_empty() {
            return vec![beside(&("nobody", f64::NAN))];
        }
        peers.iter().map(beside).collect()
    }
}

/// Rows per second.
async fn insert() -> Result<f64, String> {
    let mut database = TestDatabase::create().await;
    let owner = database.owner().await;
    peer::prepare(&owner).await;
    rest().await;
    let seen = peer::insert(&database.name, 16, PGBENCH_TIME).await;
    owner.close().await;
    database.drop_now().await;
    Ok(seen?.per_second)
}

/// What one left to be written is not paid by the next.
async fn rest() {
    let mut conn = PgConnection::connect(&admin_url()).await.unwrap();
    sqlx::query("checkpoint").execute(&mut conn).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
}

/// Bytes of write-ahead log of the whole server so far.
async fn wal() -> f64 {
    let mut conn = PgConnection::connect(&admin_url()).await.unwrap();
    let sql = "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8";
    sqlx::query_scalar(sql).fetch_one(&mut conn).await.unwrap()
}

/// What else the machine does: figures taken beside much of it are worth little.
fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").map_or("unknown".into(), |load| load.split(' ').take(1).collect())
}
