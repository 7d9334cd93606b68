//! What a policy says about the time of a booking (G14–G18, SN31): each rule refuses with its name, its limit and the
//! value that broke it.

use super::when::Times;
use crate::{
    error::Result,
    inventory::units::Span,
    policies::{GridMode, Rules},
    refusals::Refusal,
};
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

/// The times as they may be booked: on the grid, long and short enough, neither too soon nor too far. A start that is
/// `kept`, because a booking only ends otherwise, was judged when it was made.
pub(super) fn fit(
    rules: &Rules,
    times: Times,
    zone: Tz,
    now: DateTime<Utc>,
    kept: Option<DateTime<Utc>>,
) -> Result<Times> {
    let times = if times.period.is_some() { times } else { on_grid(rules, times, zone, kept)? };
    let Span { start, end } = times.span;
    let length = end - start;
    if length < minutes(rules.min_minutes) {
        return Err(broken("min_minutes", rules.min_minutes.into(), length.num_minutes()));
    }
    if length > minutes(rules.max_minutes) {
        return Err(broken("max_minutes", rules.max_minutes.into(), length.num_minutes()));
    }
    if kept == Some(start) {
        return if end > now { Ok(times) } else { Err(broken("lead_minutes", 0, (end - now).num_minutes())) };
    }
    // a half-day that is under way may still be taken: whoever comes at nine wants the rest of the morning
    let under_way = times.period.is_some() && rules.lead_minutes == 0;
    let ahead = if under_way { end - now } else { start - now };
    if ahead < minutes(rules.lead_minutes) || under_way && ahead <= TimeDelta::zero() {
        return Err(broken("lead_minutes", rules.lead_minutes.into(), ahead.num_minutes()));
    }
    if start - now > TimeDelta::days(rules.horizon_days.into()) {
        return Err(broken("horizon_days", rules.horizon_days.into(), (start - now).num_days()));
    }
    Ok(times)
}

fn minutes(count: u32) -> TimeDelta {
    TimeDelta::minutes(count.into())
}

fn broken(rule: &'static str, limit: i64, value: i64) -> crate::error::Error {
    Refusal::Policy { rule, limit, value }.into()
}

fn on_grid(rules: &Rules, times: Times, zone: Tz, kept: Option<DateTime<Utc>>) -> Result<Times> {
    let step = rules.grid_minutes;
    let (early, late) = (beside(times.span.start, step, zone), beside(times.span.end, step, zone));
    let early = if kept == Some(times.span.start) { TimeDelta::zero() } else { early };
    if early.is_zero() && late.is_zero() {
        return Ok(times);
    }
    let whole = minutes(step);
    let start = times.span.start - early;
    let end = if late.is_zero() { times.span.end } else { times.span.end - late + whole };
    if rules.grid_mode == GridMode::RoundOut {
        return Ok(Times { span: Span { start, end }, local: None, ..times });
    }
    let (at, by) = if early.is_zero() { (times.span.end, late) } else { (times.span.start, early) };
    let nearest = vec![at - by, at - by + whole];
    Err(Refusal::OffGrid { rule: "grid_minutes", limit: step.into(), value: by.num_minutes(), nearest }.into())
}

/// How far after the last line of the grid a clock stands.
fn beside(at: DateTime<Utc>, step: u32, zone: Tz) -> TimeDelta {
    let clock = at.with_timezone(&zone);
    let seconds = i64::from(clock.minute() % step) * 60 + i64::from(clock.second());
    TimeDelta::seconds(seconds) + TimeDelta::nanoseconds(i64::from(clock.nanosecond() % 1_000_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Error, policies::Period};

    const ZONE: Tz = chrono_tz::Asia::Kathmandu; // fifteen minutes beside the hour

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-11-30T{text}:00+05:45").parse().unwrap()
    }

    fn times(from: &str, to: &str) -> Times {
        Times { span: Span { start: at(from), end: at(to) }, local: None, period: None }
    }

    fn rule(rules: &Rules, asked: Times) -> &'static str {
        match fit(rules, asked, ZONE, at("08:00"), None) {
            Ok(_) => "",
            Err(Error::Refused(Refusal::Policy { rule, .. } | Refusal::OffGrid { rule, .. })) => rule,
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_rule_refuses_by_its_name() {
        let rules = Rules { lead_minutes: 60, horizon_days: 1, max_minutes: 120, ..Rules::default() };
        for (from, to, broken) in [
            ("09:00", "10:00", ""),
            ("09:00", "11:00", ""),
            ("09:00", "11:15", "max_minutes"),
            ("09:00", "09:15", "min_minutes"),
            ("09:00", "09:00", "min_minutes"),
            ("10:00", "09:00", "min_minutes"),
            ("08:45", "10:00", "lead_minutes"),
            ("07:00", "08:30", "lead_minutes"),
            ("09:05", "10:00", "grid_minutes"),
            ("09:00", "10:10", "grid_minutes"),
        ] {
            assert_eq!(rule(&rules, times(from, to)), broken, "{from}-{to}");
        }
        let mut far = times("09:00", "10:00");
        far.span = Span { start: far.span.start + TimeDelta::days(2), end: far.span.end + TimeDelta::days(2) };
        assert_eq!(rule(&rules, far), "horizon_days");
    }

    #[test]
    fn the_grid_is_that_of_the_local_clock_and_may_round_out() {
        let rules = Rules { grid_minutes: 60, ..Rules::default() };
        assert_eq!(rule(&rules, times("09:00", "10:00")), "");
        let rounding = Rules { grid_mode: GridMode::RoundOut, ..rules };
        let fitted = fit(&rounding, times("09:20", "10:10"), ZONE, at("08:00"), None).unwrap();
        assert_eq!(fitted.span, times("09:00", "11:00").span);
    }

    #[test]
    fn a_half_day_under_way_may_be_taken_until_it_is_over() {
        let morning = Times { period: Some(Period::Morning), ..times("06:00", "10:00") };
        assert_eq!(rule(&Rules::default(), morning), "");
        let over = Times { period: Some(Period::Morning), ..times("04:00", "08:00") };
        assert_eq!(rule(&Rules::default(), over), "lead_minutes");
    }
}
