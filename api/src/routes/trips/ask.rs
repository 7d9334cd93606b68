//! What clients say about a trip: where, when, for how much (I14, I19, CX19, CX21).

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::{
    error::Result,
    localtime,
    money::{Currency, LARGEST_AMOUNT},
    refusals::Refusal,
    trips,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::Value;
use utoipa::ToSchema;

/// A point on the globe and what people call it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "lat": 5.3575, "lon": -4.0083, "text": "Abidjan, Adjamé" }))]
pub struct Place {
    /// Degrees north (WGS84).
    #[schema(minimum = -90, maximum = 90)]
    lat: f64,
    /// Degrees east (WGS84).
    #[schema(minimum = -180, maximum = 180)]
    lon: f64,
    /// 1 to 200 characters.
    text: String,
}

impl From<Place> for trips::Place {
    fn from(Place { lat, lon, text }: Place) -> Self {
        Self { lat, lon, text }
    }
}

impl From<trips::Place> for Place {
    fn from(trips::Place { lat, lon, text }: trips::Place) -> Self {
        Self { lat, lon, text }
    }
}

/// An instant, or what a clock in the organization's zone will show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum When {
    /// With `Z` or an offset.
    Instant(DateTime<Utc>),
    /// Without.
    Local(NaiveDateTime),
}

impl TryFrom<String> for When {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match (DateTime::parse_from_rfc3339(&text), text.parse::<NaiveDateTime>()) {
            (Ok(instant), _) => Ok(Self::Instant(instant.to_utc())),
            (_, Ok(local)) => Ok(Self::Local(local)),
            _ => Err("expected a time such as 2027-03-01T07:00:00Z, or without Z in the organization's zone"),
        }
    }
}

impl When {
    /// The instant meant.
    pub fn resolve(self, zone: Tz) -> Result<DateTime<Utc>> {
        match self {
            Self::Instant(instant) => Ok(instant),
            Self::Local(local) => localtime::instant(local, zone),
        }
    }
}

/// A price in minor units, bare or with its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    amount: i64,
    currency: Option<Currency>,
}

impl Price {
    /// The amount, once it is in the organization's currency.
    pub fn amount_in(self, currency: Currency) -> Result<i64, Refusal> {
        match self.currency {
            Some(other) if other != currency => {
                Err(Refusal::invalid("price_per_seat", format!("prices here are in {currency}")))
            }
            _ => Ok(self.amount),
        }
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (amount, currency) = match Value::deserialize(deserializer)? {
            Value::Object(mut money) => {
                let parts = (money.remove("amount").unwrap_or_default(), money.remove("currency"));
                if let Some(unknown) = money.keys().next() {
                    return Err(D::Error::custom(format!("a price has an amount and a currency, no {unknown}")));
                }
                parts
            }
            bare => (bare, None),
        };
        let amount = amount.as_i64().filter(|amount| (0..=LARGEST_AMOUNT).contains(amount)).ok_or_else(|| {
            D::Error::custom(format!("expected a whole number of minor units from 0 to {LARGEST_AMOUNT}"))
        })?;
        let currency = currency.map(serde_json::from_value).transpose().map_err(D::Error::custom)?;
        Ok(Self { amount, currency })
    }
}

/// A departure for the examples of the document: half a year ahead, so that they work when tried.
#[allow(clippy::disallowed_methods, reason = "an example decides nothing")]
pub fn example_departure() -> String {
    let day = Utc::now() + TimeDelta::days(180);
    day.format("%Y-%m-%dT07:00:00Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn price(value: Value) -> Option<Price> {
        serde_json::from_value(value).ok()
    }

    #[test]
    fn a_price_is_whole_and_in_our_currency() {
        assert_eq!(price(json!(3000)).unwrap().amount_in(Currency::Xof), Ok(3000));
        let euros = price(json!({ "amount": 3000, "currency": "EUR" })).unwrap();
        assert!(euros.amount_in(Currency::Xof).is_err());
        assert_eq!(euros.amount_in(Currency::Eur), Ok(3000));
        for wrong in [
            json!(-1),
            json!(10.5),
            json!("3000"),
            json!(null),
            json!({}),
            json!(1_000_000_000_001_i64),
            json!({ "amount": 1, "currency": "ZZZ" }),
            json!({ "amount": 1, "cents": 5 }),
        ] {
            assert_eq!(price(wrong.clone()), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_may_be_an_instant_or_local() {
        let read = |text: &str| When::try_from(text.to_owned());
        let at = |text: &str, zone| read(text).unwrap().resolve(zone).map(|at| at.to_rfc3339());
        let noon = "2027-01-15T12:00:00+00:00";
        assert_eq!(at("2027-01-15T13:00:00+01:00", Tz::UTC).unwrap(), noon);
        assert_eq!(at("2027-01-15T13:00:00", Tz::Africa__Lagos).unwrap(), noon);
        assert!(at("2027-10-31T02:30:00", Tz::Europe__Paris).is_err(), "shown twice");
        assert!(at("2027-03-28T02:30:00", Tz::Europe__Paris).is_err(), "never shown");
        assert!(read("tomorrow").is_err());
    }
}
