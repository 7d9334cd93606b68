//! What a booking may be and what follows from it (MODEL §8, L-group). Bookings keep a snapshot (CX36). Stored whole, so
//! that what is stored is what is meant; read with defaults and without offence at unknown parameters, so that an older
//! program can read what a newer one wrote.

use super::{periods::Periods, score::ScoreWeights};
use crate::{
    inventory::Kind,
    money::{LARGEST_AMOUNT, Money},
    organizations::settings::{CheckInWindow, Settings},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The rules of one policy, and of each booking made under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// Starts and ends fall on these minutes of the local hour: a divisor of 60; 1 allows every minute (G14).
    pub grid_minutes: u32,
    /// What happens to a time beside the grid (CX55).
    pub grid_mode: GridMode,
    /// Shortest booking (G15).
    pub min_minutes: u32,
    /// Longest booking; its default depends on the kind (G16).
    pub max_minutes: u32,
    /// How long before its start a booking must be made (SN31).
    pub lead_minutes: u32,
    /// How far ahead its start may be (SN31).
    pub horizon_days: u32,
    /// Set-up time the claim holds before the start (SN29).
    pub buffer_before_minutes: u32,
    /// Clean-up time the claim holds after the end (SN29).
    pub buffer_after_minutes: u32,
    /// The named parts of a day, on the site's clocks (G1, CX17).
    pub periods: Periods,
    /// Whether a person must agree (G36).
    pub approval: Approval,
    /// How long a priced booking waits for its payment, in minutes (SN27). One that waits for a person waits until its start.
    pub hold_minutes: u32,
    /// Units in one booking; 60 when null (G3).
    pub max_units: Option<u32>,
    /// Bookings a person may have open at once; any number when null (SN31).
    pub max_active_bookings: Option<u32>,
    /// Minutes a person may have booked between Monday and Monday, local time; any number when null (SN31).
    pub max_minutes_per_week: Option<u32>,
    /// Whether one person may have two bookings at the same time (SN28).
    pub allow_own_overlap: bool,
    /// From how many penalty points a person may not book; never when null (SN7).
    pub blocked_from_penalty_points: Option<u32>,
    /// Only people with one of these roles may book it; everybody when empty (SN43).
    pub eligible_roles: Vec<String>,
    /// Units with such a feature are for people with one of its roles: `{"accessible": ["pmr"]}` (SN43).
    pub reserved_features: BTreeMap<String, Vec<String>>,
    /// Until when its person may cancel: the first tier whose time has not come applies; free until the start when
    /// there is none (G19, CX36).
    pub cancellation: Vec<CancellationTier>,
    /// When check-in is open, around the start (SN32).
    pub check_in: CheckInWindow,
    /// A booking nobody checked in for is given away so many minutes after its start; never when null (SN32).
    pub release_after_minutes: Option<u32>,
    /// What a no-show costs (CX37).
    pub no_show: NoShow,
    /// Where what goes back of a payment goes (CX49).
    pub refund_destination: RefundDestination,
    /// Whether units are handed out and must come back: the default for equipment (SN6).
    pub hand_over: bool,
    /// What a late return costs (L14).
    pub late_return: LateReturn,
    /// Minutes an offer of the waitlist stays open (H9, L13).
    pub offer_ttl_minutes: u32,
    /// What the score is made of (H11).
    pub score_weights: ScoreWeights,
    /// Minutes before the start at which people are reminded (L20).
    pub reminders: Vec<u32>,
}

/// What happens to a time beside the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GridMode {
    /// It is refused, with the nearest times that are on it.
    #[default]
    Refuse,
    /// The start moves back and the end forward to it.
    RoundOut,
}

/// Whether a person must agree to a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// It is firm at once.
    #[default]
    None,
    /// Somebody with `booking:approve` decides.
    Staff,
}

/// Where money goes back to (CX49).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundDestination {
    /// The way it came; a person looks after it where that fails.
    #[default]
    Original,
    /// The payer's wallet, at once.
    Wallet,
    /// The way it came, and the payer's wallet where that is impossible.
    OriginalThenWallet,
}

/// What applies to a cancellation less than so many minutes before the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancellationTier {
    /// Less than this before the start.
    pub before_minutes: u32,
    /// Whether its person may still cancel; staff always may, and owe nothing.
    pub allowed: bool,
    /// What is kept of what was paid, in hundredths of a percent: 2500 = 25 % (L1, L2).
    #[serde(default)]
    pub fee_basis_points: u32,
    /// And so much, in minor units of its currency.
    #[serde(default)]
    pub fee_fixed: i64,
}

impl CancellationTier {
    /// What is kept of `paid`, never more than all of it.
    #[must_use]
    pub fn fee_of(&self, paid: Money) -> Money {
        kept(paid, self.fee_basis_points, self.fee_fixed)
    }

    /// Why these tiers make no sense, if they do not.
    pub(crate) fn problem(tiers: &[Self]) -> Option<&'static str> {
        if tiers.len() > 10 || tiers.iter().any(|tier| tier.before_minutes > YEAR) {
            return Some("at most 10 tiers, each within a year");
        }
        if !tiers.is_sorted_by(|a, b| a.before_minutes < b.before_minutes) {
            return Some("the tier nearest to the start comes first");
        }
        let sound = |tier: &Self| tier.fee_basis_points <= 10_000 && (0..=LARGEST_AMOUNT).contains(&tier.fee_fixed);
        if tiers.iter().all(sound) { None } else { Some("a fee is at most all that was paid") }
    }
}

fn kept(paid: Money, basis_points: u32, fixed: i64) -> Money {
    let fee = paid.share(basis_points).amount.saturating_add(fixed);
    paid.with(fee.clamp(0, paid.amount))
}

/// Minutes of a year.
const YEAR: u32 = 525_600;

/// What a no-show costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NoShow {
    /// Added to the person's penalty points.
    pub penalty_points: u32,
    /// A fine in minor units of the organization's currency; none when 0.
    pub fine: i64,
    /// What is kept of what was paid, in hundredths of a percent: 10 000 keeps all of it (L4).
    pub fee_basis_points: u32,
    /// And so much, in minor units of its currency.
    pub fee_fixed: i64,
}

impl Default for NoShow {
    fn default() -> Self {
        Self { penalty_points: 0, fine: 0, fee_basis_points: 10_000, fee_fixed: 0 }
    }
}

impl NoShow {
    /// What is kept of `paid`, never more than all of it.
    #[must_use]
    pub fn fee_of(&self, paid: Money) -> Money {
        kept(paid, self.fee_basis_points, self.fee_fixed)
    }
}

/// What a late return costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LateReturn {
    /// So late costs nothing.
    pub grace_minutes: u32,
    /// Added to the person's penalty points, once a loan.
    pub penalty_points: u32,
    /// For each hour begun after the grace, in minor units of the organization's currency.
    pub fine_per_hour: i64,
    /// At most so much; without limit when null.
    pub fine_most: Option<i64>,
}

impl Default for LateReturn {
    fn default() -> Self {
        Self { grace_minutes: 0, penalty_points: 1, fine_per_hour: 0, fine_most: None }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::of_kind(None)
    }
}

impl Rules {
    /// The rules of a kind where no policy says otherwise; of no particular kind when `None`.
    #[must_use]
    pub fn of_kind(kind: Option<Kind>) -> Self {
        Self {
            grid_minutes: 15,
            grid_mode: GridMode::Refuse,
            min_minutes: 30,
            max_minutes: match kind {
                Some(Kind::Room | Kind::Equipment | Kind::Machine) => 480,
                _ => 1_440,
            },
            lead_minutes: 0,
            horizon_days: 365,
            buffer_before_minutes: 0,
            buffer_after_minutes: 0,
            periods: Periods::default(),
            approval: Approval::None,
            hold_minutes: 30,
            max_units: None,
            max_active_bookings: None,
            max_minutes_per_week: None,
            allow_own_overlap: true,
            blocked_from_penalty_points: None,
            eligible_roles: Vec::new(),
            reserved_features: BTreeMap::new(),
            cancellation: Vec::new(),
            check_in: CheckInWindow::default(),
            release_after_minutes: None,
            no_show: NoShow::default(),
            refund_destination: RefundDestination::default(),
            hand_over: kind == Some(Kind::Equipment),
            late_return: LateReturn::default(),
            offer_ttl_minutes: 10,
            score_weights: ScoreWeights::default(),
            reminders: vec![1_440, 120],
        }
    }
}

/// A ride is booked under the settings of its organization; the rest of the rules is not about rides.
impl From<&Settings> for Rules {
    fn from(settings: &Settings) -> Self {
        Self {
            hold_minutes: settings.hold_minutes,
            reminders: settings.reminders.clone(),
            check_in: settings.check_in,
            cancellation: settings.cancellation.clone(),
            release_after_minutes: settings.release_after_minutes,
            no_show: settings.no_show,
            refund_destination: settings.refund_destination,
            ..Self::of_kind(Some(Kind::Trip))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_snapshot_of_a_ride_or_of_a_newer_program_is_read() {
        let ride = json!({ "hold_minutes": 5, "reminders": [60], "check_in": { "opens_minutes_before": 10 } });
        let rules: Rules = serde_json::from_value(ride).unwrap();
        assert_eq!((rules.hold_minutes, rules.reminders, rules.offer_ttl_minutes), (5, vec![60], 10));
        assert!(serde_json::from_value::<Rules>(json!({ "moon_phase": "full" })).is_ok());
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        for kind in [None, Some(Kind::Parking), Some(Kind::Equipment), Some(Kind::Room), Some(Kind::Trip)] {
            let rules = Rules::of_kind(kind);
            assert_eq!(serde_json::from_value::<Rules>(json!(rules)).unwrap(), rules);
        }
    }
}
