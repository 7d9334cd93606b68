//! What poison did to its neighbours, from the history.

use super::Chore;
use crate::{
    figures::Figures,
    pace::{longest_gap, per_second},
    post_room::{deaths_of, ends_of},
};
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// Neighbours keep this part of their pace.
const PACE: f64 = 0.95;
/// They never stand still longer, in seconds: of two processes one is there, or both come back.
const STANDSTILL: f64 = 2.0;
/// Worker deaths after which a job is quarantined (QUEUE promise 6).
const FATAL: f64 = 3.0;

/// A beat of plain chores with poison in it.
pub struct Poisoned {
    pub doses: u64,
    /// Plain chores that were committed.
    pub neighbours: u64,
    pub calm_since: DateTime<Utc>,
    /// From the first dose…
    pub from: DateTime<Utc>,
    /// …until the last was quarantined.
    pub to: DateTime<Utc>,
}

impl Poisoned {
    /// As figures; asked before the dead letters are thrown away.
    pub async fn tell(&self, eyes: &PgPool, figures: &mut Figures) {
        let poison = deaths_of(eyes, Chore::POISON).await;
        figures.exactly("quarantined", poison.len() as f64, self.doses as f64);
        let worst = poison.into_iter().map(f64::from).fold(0.0, f64::max);
        figures.exactly("deaths_each", worst, if self.doses == 0 { 0.0 } else { FATAL });
        let blamed = deaths_of(eyes, Chore::PLAIN).await.len();
        figures.zero("neighbours_quarantined", blamed as i64);
        let ends = ends_of(eyes, Chore::PLAIN).await;
        figures.zero("neighbours_lost", self.neighbours.saturating_sub(ends.len() as u64) as i64);
        let (before, meanwhile) =
            (per_second(&ends, self.calm_since, self.from), per_second(&ends, self.from, self.to));
        figures.at_least("neighbours_pace", meanwhile / before, PACE);
        figures.at_most("neighbours_standstill_s", longest_gap(&ends, self.from, self.to), STANDSTILL);
    }
}
