//! Shapes that several nouns show.

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use domain::{
    money::Money,
    paging::{Listed, Page},
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// An amount.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Money)]
pub struct MoneyView {
    /// In minor units: francs for XOF, cents for EUR.
    #[schema(example = 3000)]
    amount: i64,
    /// ISO 4217 code.
    #[schema(example = "XOF")]
    currency: &'static str,
}

impl MoneyView {
    /// In minor units.
    pub fn amount(&self) -> i64 {
        self.amount
    }

    /// ISO 4217 code.
    pub fn currency(&self) -> &'static str {
        self.currency
    }
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self { amount: money.amount, currency: money.currency.code() }
    }
}

/// What the clocks in `zone` show at this instant (CX21).
pub fn wall_clock(at: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// One page of a list that is short enough to be read whole.
pub fn page_of<T>(all: Vec<T>, page: Page) -> Listed<T> {
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let (offset, limit) = (to_usize(page.offset), to_usize(page.limit));
    Listed { items: all.into_iter().skip(offset).take(limit).collect(), total }
}

fn to_usize(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

/// Which version a change is about, where it may be left unsaid.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)]
pub struct MaybeVersion {
    /// The `ETag` you last read, to act only on what you saw. Stale: 412.
    #[param(rename = "If-Match", example = "\"1\"")]
    version: Option<String>,
}
