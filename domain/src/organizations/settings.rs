//! What an organization may configure (MODEL §8). Stored as JSON with defaults filled in on reading, so that a new
//! parameter needs no migration; written back whole, so that what is stored is what is meant.

use crate::{
    error::Result,
    money::{LARGEST_AMOUNT, Money},
    policies::{CancellationTier, NoShow, RefundDestination},
    refusals::Refusal,
};
use serde::{Deserialize, Serialize};

/// The parameters of one organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The platform's share of a completed booking (K16, L6).
    pub commission: Commission,
    /// Minutes an approved booking waits for its payment before its units are freed (SN27).
    pub hold_minutes: u32,
    /// Minutes before the start at which people are reminded (L20, R5).
    pub reminders: Vec<u32>,
    /// When and to whom earnings are paid out (K10–K12).
    pub payout: PayoutPolicy,
    /// Whether wallets are filled and paid from (K26); what is in one can be withdrawn in any case.
    pub enable_wallet: bool,
    /// How much of a wallet may leave, to whom and how soon (SN8).
    pub withdrawal: WithdrawalPolicy,
    /// How much one person may correct in a wallet; above it a second one agrees (SN25).
    pub adjustment: AdjustmentLimit,
    /// What bringing somebody along is worth (M7); nothing is given while both are zero.
    pub referral: ReferralBonus,
    /// What giving up a paid ride costs: the first tier whose time has not come applies; nothing until the departure when
    /// there is none (L1, L2).
    pub cancellation: Vec<CancellationTier>,
    /// So many minutes after the departure a paid ride whose rider did not check in ends as missed; never when null (L4).
    pub release_after_minutes: Option<u32>,
    /// Where what goes back of a paid ride goes (CX49).
    pub refund_destination: RefundDestination,
    /// What missing a ride costs (L4).
    pub no_show: NoShow,
    /// What cancelling a trip somebody has paid for costs its driver (L3).
    pub driver_cancellation: DriverCancellation,
    /// After how many failures nobody may go on trying to pay (L23).
    pub failed_payments: FailedPayments,
    /// From this amount on, in minor units, a refund sent by hand counts when a second person confirms it; never when null
    /// (SN25).
    pub second_person_from: Option<i64>,
    /// Drivers need approved identity documents before they publish (N7, N9).
    pub require_kyc_for_driver: bool,
    /// Whether trips may accept bookings by themselves (L10).
    pub allow_auto_accept: bool,
    /// Priced bookings of one person that were not paid within a day; more are refused (L21).
    pub unpaid_bookings_per_day: u32,
    /// Search radius when the client names none, in kilometres (L19).
    pub search_radius_km: u32,
    /// Minutes before and hours after the start in which check-in is open (SN32).
    pub check_in: CheckInWindow,
    /// Whether members may look one another up by name (C32, C33).
    pub people_search: bool,
}

/// The platform's share: a percentage and a fixed part per booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Commission {
    /// Hundredths of a percent: 1250 = 12.5 %.
    pub basis_points: u32,
    /// Minor units per booking.
    pub fixed: i64,
}

impl Commission {
    /// The platform's share of `price`, never more than the price.
    #[must_use]
    pub fn of(self, price: Money) -> Money {
        let share = price.share(self.basis_points).amount.saturating_add(self.fixed);
        price.with(share.clamp(0, price.amount))
    }
}

/// When earnings are paid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PayoutPolicy {
    /// Smallest payout, in minor units; less waits for the next run (K11).
    pub minimum: i64,
    /// Approved identity documents are required (K12).
    pub requires_kyc: bool,
    /// Whether runs begin by themselves (K10).
    pub frequency: PayoutFrequency,
}

/// When payouts run by themselves, in the morning by UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutFrequency {
    /// Only when somebody asks.
    #[default]
    Asked,
    /// Every day.
    Daily,
    /// Every Monday.
    Weekly,
}

impl Default for PayoutPolicy {
    fn default() -> Self {
        Self { minimum: 0, requires_kyc: true, frequency: PayoutFrequency::default() }
    }
}

/// Up to how much one person corrects a balance alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdjustmentLimit {
    /// Of tickets.
    pub tickets: i64,
    /// Of money, in minor units of the organization's currency.
    pub money: i64,
}

impl Default for AdjustmentLimit {
    fn default() -> Self {
        Self { tickets: 100, money: 5_000 }
    }
}

/// What two people get when one brings the other, in minor units of the organization's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReferralBonus {
    /// Who brought.
    pub referrer: i64,
    /// Who came.
    pub referee: i64,
}

/// What leaves a wallet. Amounts are in minor units of the organization's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WithdrawalPolicy {
    /// Smallest withdrawal.
    pub minimum: i64,
    /// The most one person withdraws within 24 hours.
    pub daily_maximum: i64,
    /// Hours for which a new destination only waits: whoever takes over a phone does not empty the wallet at once.
    pub cool_down_hours: u32,
    /// Approved identity documents are required.
    pub requires_kyc: bool,
}

impl Default for WithdrawalPolicy {
    fn default() -> Self {
        Self { minimum: 500, daily_maximum: 500_000, cool_down_hours: 24, requires_kyc: true }
    }
}

/// What cancelling late costs a driver; nothing by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DriverCancellation {
    /// Less than this before the departure.
    pub before_minutes: u32,
    /// Added to the driver's penalty points.
    pub penalty_points: u32,
    /// Withheld from the next payout, in minor units of the organization's currency.
    pub penalty: i64,
}

/// How often payments may fail within 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FailedPayments {
    /// By cards of one person.
    pub cards_per_day: u32,
    /// From one wallet, whoever names its number.
    pub phone_per_day: u32,
    /// Seconds a person waits after a failure before the same method is tried again.
    pub pause_seconds: u32,
}

impl Default for FailedPayments {
    fn default() -> Self {
        Self { cards_per_day: 3, phone_per_day: 10, pause_seconds: 0 }
    }
}

/// When check-in is open, around the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckInWindow {
    /// Minutes before the start.
    pub opens_minutes_before: u32,
    /// Minutes after the start.
    pub closes_minutes_after: u32,
}

impl Default for CheckInWindow {
    fn default() -> Self {
        Self { opens_minutes_before: 60, closes_minutes_after: 240 }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            commission: Commission::default(),
            hold_minutes: 30,
            reminders: vec![1_440, 120],
            payout: PayoutPolicy::default(),
            adjustment: AdjustmentLimit::default(),
            referral: ReferralBonus::default(),
            enable_wallet: true,
            withdrawal: WithdrawalPolicy::default(),
            cancellation: Vec::new(),
            release_after_minutes: None,
            refund_destination: RefundDestination::default(),
            no_show: NoShow::default(),
            driver_cancellation: DriverCancellation::default(),
            failed_payments: FailedPayments::default(),
            second_person_from: None,
            require_kyc_for_driver: true,
            allow_auto_accept: true,
            unpaid_bookings_per_day: 5,
            search_radius_km: 25,
            check_in: CheckInWindow::default(),
            people_search: false,
        }
    }
}

impl Settings {
    /// Every bound, checked before anything is stored.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the first parameter out of bounds.
    pub fn check(&self) -> Result<()> {
        let (missed, driver, failed) = (&self.no_show, &self.driver_cancellation, &self.failed_payments);
        let bounds = [
            ("settings.release_after_minutes", self.release_after_minutes.map_or(1, i64::from), 1, 10_080),
            ("settings.second_person_from", self.second_person_from.unwrap_or(1), 1, LARGEST_AMOUNT),
            ("settings.no_show.penalty_points", i64::from(missed.penalty_points), 0, 1_000),
            ("settings.no_show.fine", missed.fine, 0, LARGEST_AMOUNT),
            ("settings.no_show.fee_basis_points", i64::from(missed.fee_basis_points), 0, 10_000),
            ("settings.no_show.fee_fixed", missed.fee_fixed, 0, LARGEST_AMOUNT),
            ("settings.driver_cancellation.before_minutes", i64::from(driver.before_minutes), 0, 525_600),
            ("settings.driver_cancellation.penalty_points", i64::from(driver.penalty_points), 0, 1_000),
            ("settings.driver_cancellation.penalty", driver.penalty, 0, LARGEST_AMOUNT),
            ("settings.failed_payments.cards_per_day", i64::from(failed.cards_per_day), 1, 1_000),
            ("settings.failed_payments.phone_per_day", i64::from(failed.phone_per_day), 1, 1_000),
            ("settings.failed_payments.pause_seconds", i64::from(failed.pause_seconds), 0, 86_400),
            ("settings.commission.basis_points", i64::from(self.commission.basis_points), 0, 10_000),
            ("settings.commission.fixed", self.commission.fixed, 0, LARGEST_AMOUNT),
            ("settings.hold_minutes", i64::from(self.hold_minutes), 1, 10_080),
            ("settings.unpaid_bookings_per_day", i64::from(self.unpaid_bookings_per_day), 1, 1_000),
            ("settings.payout.minimum", self.payout.minimum, 0, LARGEST_AMOUNT),
            ("settings.adjustment.tickets", self.adjustment.tickets, 0, LARGEST_AMOUNT),
            ("settings.adjustment.money", self.adjustment.money, 0, LARGEST_AMOUNT),
            ("settings.referral.referrer", self.referral.referrer, 0, LARGEST_AMOUNT),
            ("settings.referral.referee", self.referral.referee, 0, LARGEST_AMOUNT),
            ("settings.withdrawal.minimum", self.withdrawal.minimum, 1, LARGEST_AMOUNT),
            ("settings.withdrawal.daily_maximum", self.withdrawal.daily_maximum, 1, LARGEST_AMOUNT),
            ("settings.withdrawal.cool_down_hours", i64::from(self.withdrawal.cool_down_hours), 0, 720),
            ("settings.search_radius_km", i64::from(self.search_radius_km), 1, 500),
            ("settings.check_in.opens_minutes_before", i64::from(self.check_in.opens_minutes_before), 0, 10_080),
            ("settings.check_in.closes_minutes_after", i64::from(self.check_in.closes_minutes_after), 0, 10_080),
            ("settings.reminders", i64::try_from(self.reminders.len()).unwrap_or(i64::MAX), 0, 5),
        ];
        for (field, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                return Err(Refusal::invalid(field, format!("must be between {least} and {most}")).into());
            }
        }
        if let Some(problem) = CancellationTier::problem(&self.cancellation) {
            return Err(Refusal::invalid("settings.cancellation", problem).into());
        }
        if self.reminders.iter().any(|minutes| !(1..=43_200).contains(minutes)) {
            return Err(Refusal::invalid("settings.reminders", "each must be between 1 and 43200 minutes").into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn the_commission_never_exceeds_the_price() {
        let price = Money { amount: 100, currency: Currency::Xof };
        assert_eq!(Commission { basis_points: 1_000, fixed: 25 }.of(price).amount, 35);
        assert_eq!(Commission { basis_points: 10_000, fixed: 25 }.of(price).amount, 100);
    }

    #[test]
    fn empty_settings_are_the_defaults_and_unknown_ones_are_refused() {
        assert_eq!(serde_json::from_str::<Settings>("{}").unwrap(), Settings::default());
        assert!(serde_json::from_str::<Settings>(r#"{"comission":{}}"#).is_err());
    }
}
