//! Two sides of one movement, and the word for how they differ. Pure: what is read stands in `books.rs`, what is written
//! in `record.rs`.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// Money told before midnight may be in the books after it without being worth a word.
const ORDINARY_DELAY: TimeDelta = TimeDelta::hours(1);

/// What one side knows of a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Side {
    /// Minor units, positive into the account, before fees.
    pub amount: i64,
    /// What the provider charged; `None` when this side was never told.
    pub fee: Option<i64>,
    /// When; `None` when this side does not say.
    pub at: Option<DateTime<Utc>>,
}

/// How two sides differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Difference {
    /// The provider moved money of which our books know nothing.
    MissingHere,
    /// Our books moved money of which the provider knows nothing.
    MissingThere,
    /// Both moved money, not the same.
    Amount,
    /// The provider moved the money of a payment that has not succeeded here.
    Status,
    /// The provider charged another fee than it had told.
    Fee,
    /// It is in the books of another day.
    Timing,
}

impl Difference {
    /// As stored and served.
    pub fn code(self) -> &'static str {
        match self {
            Self::MissingHere => "missing_here",
            Self::MissingThere => "missing_there",
            Self::Amount => "amount",
            Self::Status => "status",
            Self::Fee => "fee",
            Self::Timing => "timing",
        }
    }
}

/// How they differ, if they do. `known` is whether the movement is of a payment of ours.
pub(super) fn difference(ours: Side, theirs: Option<Side>, known: bool, day: NaiveDate) -> Option<Difference> {
    let Some(theirs) = theirs else { return (ours.amount != 0).then_some(Difference::MissingThere) };
    if ours.amount != theirs.amount {
        return Some(match (ours.amount, theirs.amount, known) {
            (0, _, true) => Difference::Status,
            (0, _, false) => Difference::MissingHere,
            (_, 0, _) => Difference::MissingThere,
            _ => Difference::Amount,
        });
    }
    if theirs.amount == 0 {
        return None; // sent and taken back, and the books agree
    }
    match (ours.fee, theirs.fee) {
        (Some(ours), Some(theirs)) if ours != theirs => return Some(Difference::Fee),
        _ => {}
    }
    match (ours.at, theirs.at) {
        (Some(ours), Some(theirs)) if ours.date_naive() != day && (ours - theirs).abs() > ORDINARY_DELAY => {
            Some(Difference::Timing)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "2026-11-27T12:00:00Z";

    fn side(amount: i64, fee: i64, at: &str) -> Side {
        Side { amount, fee: Some(fee), at: Some(at.parse().unwrap()) }
    }

    fn found(ours: Side, theirs: Option<Side>, known: bool) -> Option<Difference> {
        difference(ours, theirs, known, NOON.parse::<DateTime<Utc>>().unwrap().date_naive())
    }

    #[test]
    fn every_difference_has_its_word() {
        let same = side(3_000, 30, NOON);
        assert_eq!(found(same, Some(same), true), None);
        assert_eq!(found(Side::default(), Some(same), false), Some(Difference::MissingHere));
        assert_eq!(found(Side::default(), Some(same), true), Some(Difference::Status));
        assert_eq!(found(same, None, true), Some(Difference::MissingThere));
        assert_eq!(found(same, Some(side(0, 0, NOON)), true), Some(Difference::MissingThere), "taken back");
        assert_eq!(found(same, Some(side(2_000, 30, NOON)), true), Some(Difference::Amount));
        assert_eq!(found(same, Some(side(3_000, 45, NOON)), true), Some(Difference::Fee));
        let later = side(3_000, 30, "2026-11-28T09:00:00Z");
        assert_eq!(found(later, Some(same), true), Some(Difference::Timing));
    }

    #[test]
    fn what_nobody_told_is_no_difference() {
        let silent = Side { fee: None, at: None, ..side(3_000, 0, NOON) };
        assert_eq!(found(silent, Some(side(3_000, 30, NOON)), true), None, "a fee nobody had told is learned");
        assert_eq!(found(side(3_000, 30, NOON), Some(silent), true), None);
        let before = side(3_000, 30, "2026-11-27T23:59:50Z");
        let after = side(3_000, 30, "2026-11-28T00:00:10Z");
        assert_eq!(found(after, Some(before), true), None, "seconds around midnight");
        assert_eq!(found(Side::default(), Some(side(0, 0, NOON)), true), None, "sent and taken back");
    }
}
