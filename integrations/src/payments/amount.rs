//! Amounts as providers write them: a decimal in major units, as string, integer or float (PROVIDERS §0.2).

use domain::money::{Currency, Money};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::fmt;

/// A decimal in major units, kept as text until its currency is known. Written as a string, read tolerantly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Amount(pub String);

impl Amount {
    /// This amount as whole minor units of `currency`.
    ///
    /// Nothing is rounded: a fraction finer than the minor unit (any fraction at all for XOF), a sign or an
    /// exponent gives `None`, and so does a currency nobody here keeps books in.
    #[must_use]
    pub fn money(&self, currency: &str) -> Option<Money> {
        let currency: Currency = currency.parse().ok()?;
        let digits = currency.exponent() as usize;
        let (whole, fraction) = self.0.split_once('.').unwrap_or((&self.0, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(fraction) {
            return None;
        }
        let (minor, finer) = fraction.split_at(digits.min(fraction.len()));
        if finer.bytes().any(|b| b != b'0') {
            return None;
        }
        let amount = format!("{whole}{minor:0<digits$}").parse().ok()?;
        Some(Money { amount, currency })
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        match money.currency.exponent() {
            0 => Self(money.amount.to_string()),
            digits => {
                let unit = 10_i64.pow(digits);
                let (whole, minor) = (money.amount / unit, (money.amount % unit).abs());
                Self(format!("{whole}.{minor:0width$}", width = digits as usize))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl de::Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount as string or number")
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
        Ok(Amount(text.to_owned()))
    }
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Amount, E> {
        Ok(Amount(number.to_string()))
    }
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Amount, E> {
        Ok(Amount(number.to_string()))
    }
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Amount, E> {
        Ok(Amount(number.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, currency: &str) -> Option<i64> {
        serde_json::from_str::<Amount>(json).ok()?.money(currency).map(|money| money.amount)
    }

    #[test]
    fn strings_integers_and_whole_floats_are_the_same_amount() {
        for json in [r#""2500""#, "2500", "2500.0", r#""2500.00""#, r#""02500""#] {
            assert_eq!(read(json, "XOF"), Some(2_500), "{json}");
        }
        assert_eq!(read(r#""12.05""#, "EUR"), Some(1_205));
        assert_eq!(read(r#""12.5""#, "EUR"), Some(1_250));
        assert_eq!(read("12", "EUR"), Some(1_200));
    }

    #[test]
    fn anything_that_would_need_rounding_or_guessing_is_refused() {
        for json in [
            r#""2500.5""#,
            "2500.5",
            "2500.0001",
            r#""-2500""#,
            "-2500",
            r#""2,500""#,
            r#""""#,
            r#""2500.""#,
            r#"".5""#,
            r#""1e3""#,
            r#"" 2500""#,
            "1e300",
            r#""99999999999999999999""#,
            "null",
            "true",
            "[2500]",
        ] {
            assert_eq!(read(json, "XOF"), None, "{json}");
        }
        assert_eq!(read(r#""12.055""#, "EUR"), None);
        assert_eq!(read(r#""12""#, "ZZZ"), None);
    }

    #[test]
    fn our_money_is_written_in_major_units() {
        let text = |amount, currency| Amount::from(Money { amount, currency }).0;
        assert_eq!(text(2_500, Currency::Xof), "2500");
        assert_eq!(text(1_205, Currency::Eur), "12.05");
    }
}
