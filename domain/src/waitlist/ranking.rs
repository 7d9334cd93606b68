//! A ranking that was decided by, kept with the decision (★7): "why was I passed over?" has an answer months later,
//! because the stored values and weights give the same order again.

use super::score::Row;
use crate::{
    error::{Fault, Result},
    ids::QueueEntryId,
    inventory::Discipline,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One factor of a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// `hours_waited`, `role`, `high_priority`, `penalty_points`, `fines_due` or `active_bookings`.
    pub factor: String,
    /// How much of it there is.
    pub value: i64,
    /// Points for each.
    pub weight: i64,
    /// The role that counts, where the factor is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

impl Part {
    /// What it adds to the score.
    #[must_use]
    pub fn contribution(&self) -> i64 {
        self.value * self.weight
    }

    /// What changes it, by a word clients translate.
    #[must_use]
    pub fn changes(&self) -> &'static str {
        match self.factor.as_str() {
            "hours_waited" => "with_every_hour",
            "role" => "with_the_role",
            "high_priority" => "by_the_organization",
            "penalty_points" => "when_points_are_forgiven",
            "fines_due" => "when_fines_are_paid",
            _ => "when_bookings_end",
        }
    }
}

/// One entry as it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Which.
    pub entry: QueueEntryId,
    /// From 1.
    pub rank: i64,
    /// Who came first has the lower one.
    pub seq: i64,
    /// Units wanted.
    pub quantity: i32,
    /// Whether enough units were free for it.
    pub fits: bool,
    /// The sum of its parts.
    pub score: i64,
    /// What the score is made of; nothing under `fifo`.
    pub parts: Vec<Part>,
}

/// How a line stood when something was decided: its first hundred, and whoever the decision was about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranking {
    /// When.
    pub at: DateTime<Utc>,
    /// How many waited.
    pub total: i64,
    /// By what order.
    pub discipline: Discipline,
    /// About whom it was decided.
    pub about: QueueEntryId,
    /// In order.
    pub places: Vec<Place>,
}

impl Ranking {
    /// The best entry for which enough was free.
    #[must_use]
    pub fn best(&self) -> Option<QueueEntryId> {
        self.places.iter().find(|place| place.fits).map(|place| place.entry)
    }

    /// The order again, from nothing but the stored values, weights and numbers.
    #[must_use]
    pub fn replay(&self) -> Vec<QueueEntryId> {
        let points = |place: &Place| place.parts.iter().map(Part::contribution).sum::<i64>();
        let mut places: Vec<&Place> = self.places.iter().collect();
        places.sort_by_key(|place| (std::cmp::Reverse(points(place)), place.seq));
        places.into_iter().map(|place| place.entry).collect()
    }

    /// Whether the order again is the order that was decided by, and every explanation sums to its score.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let sums = |place: &Place| place.parts.iter().map(Part::contribution).sum::<i64>() == place.score;
        self.places.iter().all(sums) && self.replay().into_iter().eq(self.places.iter().map(|place| place.entry))
    }

    /// As it is kept.
    pub(super) fn stored(&self) -> Value {
        json!(self)
    }

    /// As it was kept.
    pub(super) fn read(stored: Value) -> Result<Self> {
        Ok(serde_json::from_value(stored).map_err(|e| Fault::corrupt("ranking", e))?)
    }

    /// The ranking of rows that `head` gave.
    pub(super) fn of(at: DateTime<Utc>, discipline: Discipline, about: QueueEntryId, rows: &[Row]) -> Result<Self> {
        let total = rows.first().map_or(0, |row| row.total);
        let wanted = |row: &&Row| row.rank <= 100 || row.entry == about;
        let places = rows.iter().filter(wanted).map(Row::place).collect::<Result<_>>()?;
        Ok(Self { at, total, discipline, about, places })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(rank: i64, seq: i64, hours: i64, points: i64) -> Place {
        let part = |factor: &str, value, weight| Part { factor: factor.into(), value, weight, role: None };
        let parts = vec![part("hours_waited", hours, 1), part("penalty_points", points, -6)];
        let score = hours - 6 * points;
        Place { entry: QueueEntryId::new(), rank, seq, quantity: 1, fits: rank > 1, score, parts }
    }

    #[test]
    fn the_order_comes_out_again_and_a_changed_number_is_seen() {
        let places = vec![place(1, 2, 9, 0), place(2, 1, 7, 0), place(3, 3, 7, 0), place(4, 4, 9, 2)];
        let (at, about) = (DateTime::UNIX_EPOCH, places[1].entry);
        let ranking = Ranking { at, total: 4, discipline: Discipline::Score, about, places };
        assert!(ranking.is_sound());
        assert_eq!(ranking.best(), Some(about), "the first does not fit and is passed");
        assert_eq!(Ranking::read(ranking.stored()).unwrap(), ranking);
        let mut bent = ranking.clone();
        bent.places.swap(1, 2);
        assert!(!bent.is_sound(), "who came first is before who came later");
        let mut bent = ranking;
        bent.places[3].parts[1].value = 1;
        assert!(!bent.is_sound(), "an explanation that does not sum to its score");
    }
}
