//! What a request comes to under the rules in force: its times, its units, its price. Nothing is taken here.

use super::{
    fit::fit,
    things::Thing,
    when::{Times, When},
    wishes::{self, Wanted},
};
use crate::{
    error::Result,
    inventory::units::Span,
    money::{Currency, Money},
    policies::Rules,
    refusals::Refusal,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

/// A request that no rule forbids.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub times: Times,
    pub quantity: i32,
    pub price: Money,
    pub lines: Value,
}

/// The one set of rules all these things are booked under (L-group).
///
/// # Errors
/// [`Refusal::Invalid`] when they differ: whoever books a room must not take a camera by the room's rules.
pub(super) fn rules_of(things: &[Thing]) -> Result<Rules> {
    let first = things.first().ok_or(Refusal::NotFound)?;
    if things.iter().any(|other| other.rules != first.rules || other.zone != first.zone) {
        return Err(Refusal::invalid("items", "are booked under different rules: book them apart").into());
    }
    Ok(first.rules.clone())
}

/// What these lines come to.
///
/// # Errors
/// [`Refusal::Policy`] or [`Refusal::OffGrid`] naming the rule, [`Refusal::NoSuchLocalTime`], [`Refusal::Invalid`].
pub(super) fn plan(
    now: DateTime<Utc>,
    rules: &Rules,
    things: &[Thing],
    wanted: &[Wanted],
    when: When,
    kept: Option<DateTime<Utc>>,
) -> Result<Plan> {
    let first = things.first().ok_or(Refusal::NotFound)?;
    let (zone, currency) = (first.zone, first.currency);
    let quantity = wishes::quantity(wanted);
    let times = times(now, rules, zone, quantity, when, kept)?;
    let (price, lines) = price(things, wanted, times.span, currency)?;
    Ok(Plan { times, quantity, price, lines })
}

/// The times of so many units of anything booked under these rules, where these clocks hang.
///
/// # Errors
/// The same.
pub(super) fn times(
    now: DateTime<Utc>,
    rules: &Rules,
    zone: Tz,
    quantity: i32,
    when: When,
    kept: Option<DateTime<Utc>>,
) -> Result<Times> {
    let times = fit(rules, when.resolve(rules, zone)?, zone, now, kept)?;
    if let Some(limit) = rules.max_units.map(i64::from).filter(|limit| i64::from(quantity) > *limit) {
        return Err(Refusal::Policy { rule: "max_units", limit, value: quantity.into() }.into());
    }
    Ok(times)
}

/// As many people as the things hold, where they say how many that is (G13).
pub(super) fn must_hold(things: &[Thing], participants: i32) -> Result<()> {
    let most: Option<i64> = things.iter().map(|thing| thing.capacity.map(i64::from)).sum();
    match most.filter(|most| i64::from(participants) > *most) {
        Some(limit) => Err(Refusal::Policy { rule: "capacity", limit, value: participants.into() }.into()),
        None => Ok(()),
    }
}

fn price(things: &[Thing], wanted: &[Wanted], span: Span, currency: Currency) -> Result<(Money, Value)> {
    let mut total: Option<Money> = None;
    let mut lines = Vec::new();
    for thing in things {
        let Some(price) = &thing.price else { continue };
        let units: i32 = wanted.iter().filter(|line| line.resource == thing.id).map(|line| line.quantity).sum();
        let one = for_one(&price.per, price.amount.amount, span.end - span.start);
        let amount = Money::asked(one.saturating_mul(units.into()), price.amount.currency)?;
        let sum = total.unwrap_or(amount.with(0));
        if sum.currency != amount.currency {
            return Err(Refusal::invalid("items", "are priced in different currencies: book them apart").into());
        }
        total = Some(Money::asked(sum.amount + amount.amount, sum.currency)?);
        lines.push(
            json!({ "label": thing.kind, "resource_id": thing.id, "quantity": units, "unit_price": amount.with(one),
                           "amount": amount }),
        );
    }
    Ok((total.unwrap_or(Money { amount: 0, currency }), Value::Array(lines)))
}

/// One unit for this long: hours count by the minute and are rounded up to a whole minor unit, days once begun.
fn for_one(per: &str, amount: i64, length: TimeDelta) -> i64 {
    match per {
        "hour" => amount.saturating_mul(length.num_minutes()).saturating_add(59) / 60,
        "day" => amount.saturating_mul((length.num_minutes() + 1_439) / 1_440),
        _ => amount,
    }
}

#[cfg(test)]
mod tests {
    use super::for_one;
    use chrono::TimeDelta;

    #[test]
    fn hours_count_by_the_minute_and_days_once_begun() {
        assert_eq!(for_one("hour", 1_000, TimeDelta::minutes(90)), 1_500);
        assert_eq!(for_one("hour", 1_000, TimeDelta::minutes(31)), 517);
        assert_eq!(for_one("day", 1_000, TimeDelta::hours(24)), 1_000);
        assert_eq!(for_one("day", 1_000, TimeDelta::hours(25)), 2_000);
        assert_eq!(for_one("flat", 1_000, TimeDelta::hours(25)), 1_000);
    }
}
