//! The figures in which ours stands beside itself, or beside a limit.

use super::{child, contest::LIMIT, tally::Tally};
use crate::{
    figure::{
        Figure,
        Goal::{self, AtLeast, AtMost},
    },
    mine::NAME,
    wish::Wish,
};

/// One figure: a command, and which two of its values stand beside each other.
struct Asked {
    name: &'static str,
    command: &'static str,
    rounds: u32,
    unit: &'static str,
    ours: &'static str,
    peer: Peer,
    goal: Goal,
    more: &'static [&'static str],
}

/// Another value of ours under a name of its own, or a limit.
enum Peer {
    Value(&'static str, &'static str),
    Limit(f64),
}

const ASKED: [Asked; 4] = [
    Asked {
        name: "queue.claim_1m",
        command: "claim",
        rounds: 1, // the command has rounds of its own
        unit: "ms",
        ours: "claim_1m_p99_ms",
        peer: Peer::Value("at_1k", "claim_1k_p99_ms"),
        goal: AtMost(1.2),
        more: &["claim_1m_p50_ms", "claim_1k_p50_ms", "claim_1m_count", "claim_1k_count", "flush_1m_p99_ms"],
    },
    Asked {
        name: "queue.held_xmin",
        command: "held",
        rounds: 1,
        unit: "/s",
        ours: "held_last_third_per_s",
        peer: Peer::Value("nothing_held", "clean_last_third_per_s"),
        goal: AtLeast(0.95),
        more: &["held_first_third_per_s", "clean_first_third_per_s", "held_jobs", "clean_jobs"],
    },
    Asked {
        name: "queue.fairness",
        command: "fairness",
        rounds: 3,
        unit: "ms",
        ours: "beside_p99_ms",
        peer: Peer::Value("alone", "alone_p99_ms"),
        goal: AtMost(2.0),
        more: &["beside_p50_ms", "alone_p50_ms", "beside_waiting"],
    },
    Asked {
        name: "queue.lateness",
        command: "lateness",
        rounds: 1,
        unit: "ms",
        ours: "late_p99_ms",
        peer: Peer::Limit(50.0),
        goal: AtMost(1.0),
        more: &["late_p50_ms", "late_max_ms"],
    },
];

/// Measures what is wanted, one after the other, and prints each.
///
/// # Errors
/// When ours does not run.
pub async fn measure(wish: &Wish) -> Result<Vec<Figure>, String> {
    let mut figures = Vec::new();
    for asked in ASKED.iter().filter(|asked| wish.wants(asked.name)) {
        eprintln!("  {}", asked.name);
        let mut tally = Tally::default();
        for _ in 0..asked.rounds.min(wish.number("rounds", u32::MAX)) {
            child::run(child::ours(asked.command, wish.options()), &mut tally).await?;
        }
        let figure = asked.figure(&tally);
        figure.print();
        figures.push(figure);
    }
    Ok(figures)
}

impl Asked {
    fn figure(&self, tally: &Tally) -> Figure {
        let value = |name: &str| tally.median(NAME, name);
        let (peer, theirs) = match self.peer {
            Peer::Value(name, figure) => (name, value(figure)),
            Peer::Limit(limit) => (LIMIT, limit),
        };
        let mut figure = Figure::new(self.name, value(self.ours), self.unit, peer, theirs).with(self.goal);
        figure.more = self.more.iter().map(|name| (*name, value(name))).collect();
        figure
    }
}
