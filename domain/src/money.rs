//! Money is a whole number of minor units and a currency (CX19). Tickets are a currency of their own.

use crate::refusals::Refusal;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The currencies the books may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// West African CFA franc: no minor unit.
    Xof,
    /// Central African CFA franc: no minor unit.
    Xaf,
    /// Euro, in cents.
    Eur,
    /// US dollar, in cents.
    Usd,
    /// Arcade tickets (K18): whole.
    Tkt,
}

impl Currency {
    /// Every currency, in the order of declaration.
    pub const ALL: [Self; 5] = [Self::Xof, Self::Xaf, Self::Eur, Self::Usd, Self::Tkt];

    /// Decimal digits of the minor unit (ISO 4217; tickets are whole).
    #[must_use]
    pub fn exponent(self) -> u32 {
        match self {
            Self::Xof | Self::Xaf | Self::Tkt => 0,
            Self::Eur | Self::Usd => 2,
        }
    }

    /// The ISO 4217 code, or `TKT`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Xof => "XOF",
            Self::Xaf => "XAF",
            Self::Eur => "EUR",
            Self::Usd => "USD",
            Self::Tkt => "TKT",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A currency code nobody here keeps books in.
#[derive(Debug, thiserror::Error)]
#[error("unknown currency {0:?}")]
pub struct UnknownCurrency(String);

impl FromStr for Currency {
    type Err = UnknownCurrency;
    fn from_str(text: &str) -> Result<Self, UnknownCurrency> {
        Self::ALL.into_iter().find(|c| c.code() == text).ok_or_else(|| UnknownCurrency(text.into()))
    }
}

impl TryFrom<String> for Currency {
    type Error = UnknownCurrency;
    fn try_from(text: String) -> Result<Self, UnknownCurrency> {
        text.parse()
    }
}

/// An amount in minor units. Never negative at a door; entries carry their own sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: francs for XOF, cents for EUR.
    pub amount: i64,
    /// What the amount is counted in.
    pub currency: Currency,
}

/// The most one amount may be: leaves room to multiply by seats and sum a day without overflow.
pub const LARGEST_AMOUNT: i64 = 1_000_000_000_000;

impl Money {
    /// An amount a client may ask for.
    ///
    /// # Errors
    /// [`Refusal::InvalidAmount`] when negative or above [`LARGEST_AMOUNT`].
    pub fn asked(amount: i64, currency: Currency) -> Result<Self, Refusal> {
        if (0..=LARGEST_AMOUNT).contains(&amount) { Ok(Self { amount, currency }) } else { Err(Refusal::InvalidAmount) }
    }

    /// An amount in whole units, such as 12.5 euros; with no more decimals than the currency has (CX19).
    ///
    /// # Errors
    /// [`Refusal::InvalidAmount`].
    pub fn in_major(units: f64, currency: Currency) -> Result<Self, Refusal> {
        let minor = units * 10_f64.powi(currency.exponent().try_into().unwrap_or_default());
        let whole = minor.round();
        let exact = (minor - whole).abs() < 1e-6 && (0.0..=LARGEST_AMOUNT as f64).contains(&whole);
        if exact { Self::asked(whole as i64, currency) } else { Err(Refusal::InvalidAmount) }
    }

    /// `percent` of this amount in basis points (2.5 % = 250), rounded half up to a minor unit.
    #[must_use]
    pub fn share(self, basis_points: u32) -> Self {
        let scaled = i128::from(self.amount) * i128::from(basis_points);
        let amount = i64::try_from((scaled + 5_000).div_euclid(10_000)).unwrap_or(i64::MAX);
        Self { amount, ..self }
    }

    /// The same currency, another amount.
    #[must_use]
    pub fn with(self, amount: i64) -> Self {
        Self { amount, ..self }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.currency.exponent() {
            0 => write!(f, "{} {}", self.amount, self.currency),
            digits => {
                let unit = 10_i64.pow(digits);
                let (whole, part) = (self.amount / unit, (self.amount % unit).abs());
                write!(f, "{whole}.{part:0width$} {}", self.currency, width = digits as usize)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_half_up_to_a_whole_franc() {
        let fare = Money { amount: 6_001, currency: Currency::Xof };
        assert_eq!(fare.share(1_250).amount, 750); // 750.125
        assert_eq!(fare.with(6_004).share(1_250).amount, 751); // 750.5
        assert_eq!(fare.share(0).amount, 0);
    }

    #[test]
    fn amounts_outside_the_limits_are_refused() {
        assert!(Money::asked(-1, Currency::Xof).is_err());
        assert!(Money::asked(LARGEST_AMOUNT + 1, Currency::Xof).is_err());
        assert!(Money::asked(0, Currency::Xof).is_ok());
    }

    #[test]
    fn cents_are_shown_with_two_digits() {
        assert_eq!(Money { amount: 1_205, currency: Currency::Eur }.to_string(), "12.05 EUR");
        assert_eq!(Money { amount: 6_000, currency: Currency::Xof }.to_string(), "6000 XOF");
    }
}
