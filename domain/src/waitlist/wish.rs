//! What somebody waits for, checked like a booking: it must be possible once something is free.

use super::line::{self, Line};
use crate::{
    bookings::Quote,
    db::Tx,
    error::Result,
    ids::*,
    inventory::units::Span,
    money::{Currency, Money},
    policies::Rules,
    refusals::Refusal,
};
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

/// The longest reason, note or purpose.
const LONGEST_TEXT: usize = 1_000;
/// Units one wish may be for.
const MOST_UNITS: i32 = 60;
/// Features one wish may name, and how long each may be.
const MOST_FEATURES: usize = 40;
const LONGEST_FEATURE: usize = 60;

/// What somebody would book if it were free.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Who asks.
    pub creator: UserId,
    /// For whom.
    pub beneficiary: UserId,
    /// What.
    pub resource: ResourceId,
    /// First instant.
    pub start_at: DateTime<Utc>,
    /// First instant after.
    pub end_at: DateTime<Utc>,
    /// How many units, 1 to 60, all or nothing.
    pub quantity: i32,
    /// What every unit must have.
    pub features: Vec<String>,
    /// How many people come.
    pub participants: i32,
    /// What it is for.
    pub purpose: Option<String>,
    /// What else to say.
    pub note: Option<String>,
    /// After it the wish is pointless: the start, unless told later, and never past the end.
    pub useful_until: Option<DateTime<Utc>>,
}

impl Wish {
    /// Bounds that no policy changes.
    pub(super) fn check(&self) -> Result<()> {
        within("quantity", self.quantity.into(), 1, MOST_UNITS.into())?;
        within("participants", self.participants.into(), 1, 100_000)?;
        text("purpose", self.purpose.as_deref())?;
        text("note", self.note.as_deref())?;
        let odd =
            |feature: &String| !(1..=LONGEST_FEATURE).contains(&feature.chars().count()) || feature.contains('\0');
        if self.features.len() > MOST_FEATURES || self.features.iter().any(odd) {
            let problem = format!("at most {MOST_FEATURES}, each 1 to {LONGEST_FEATURE} characters");
            return Err(Refusal::invalid("features", problem).into());
        }
        Ok(())
    }

    /// Until when it is worth waiting.
    pub(super) fn use_ends(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
        let until = self.useful_until.unwrap_or(self.start_at);
        if until <= now || until > self.end_at {
            return Err(Refusal::invalid("useful_until", "must be in the future and not after the end").into());
        }
        Ok(until)
    }

    /// Insists that the thing could ever be had like this.
    pub(super) async fn must_be_possible(&self, tx: &mut Tx, line: &Line, rules: &Rules) -> Result<()> {
        if let Some(limit) = rules.max_units.filter(|most| i64::from(self.quantity) > i64::from(*most)) {
            return Err(Refusal::Policy { rule: "max_units", limit: limit.into(), value: self.quantity.into() }.into());
        }
        if let Some(limit) = line.capacity.filter(|capacity| self.participants > *capacity) {
            let value = i64::from(self.participants);
            return Err(Refusal::Policy { rule: "capacity", limit: limit.into(), value }.into());
        }
        let limit = line::fitting(tx, line.id, &self.features).await?;
        if limit < i64::from(self.quantity) {
            return Err(Refusal::Policy { rule: "units", limit, value: self.quantity.into() }.into());
        }
        Ok(())
    }
}

/// A span the rules allow, on clocks of this zone.
pub(super) fn check_time(tx: &Tx, rules: &Rules, zone: Tz, start: DateTime<Utc>, end: DateTime<Utc>) -> Result<()> {
    if end <= start {
        return Err(Refusal::invalid("end_at", "must be after start_at").into());
    }
    if start <= tx.now() {
        return Err(Refusal::invalid("start_at", "must be in the future").into());
    }
    let grid = i64::from(rules.grid_minutes);
    for at in [start, end].map(|at| at.with_timezone(&zone)) {
        let value = i64::from(at.minute());
        if value % grid != 0 || at.second() != 0 || at.nanosecond() != 0 {
            return Err(Refusal::Policy { rule: "grid_minutes", limit: grid, value }.into());
        }
    }
    let minutes = (end - start).num_minutes();
    let ahead = (start - tx.now()).num_minutes();
    let day = 24 * 60;
    for (rule, value, least, most) in [
        ("min_minutes", minutes, i64::from(rules.min_minutes), i64::MAX),
        ("max_minutes", minutes, 0, i64::from(rules.max_minutes)),
        ("lead_minutes", ahead, i64::from(rules.lead_minutes), i64::MAX),
        ("horizon_days", (ahead + day - 1) / day, 0, i64::from(rules.horizon_days)),
    ] {
        if !(least..=most).contains(&value) {
            let limit = if value < least { least } else { most };
            return Err(Refusal::Policy { rule, limit, value }.into());
        }
    }
    Ok(())
}

/// What is claimed for a booking: its time with the buffers of its rules (SN29).
pub(super) fn claimed(rules: &Rules, start_at: DateTime<Utc>, end_at: DateTime<Utc>) -> Span {
    Span {
        start: start_at - TimeDelta::minutes(rules.buffer_before_minutes.into()),
        end: end_at + TimeDelta::minutes(rules.buffer_after_minutes.into()),
    }
}

/// What units of a thing cost for a time: each hour or day begun, or a flat price.
pub(super) fn price(
    line: &Line,
    start_at: DateTime<Utc>,
    end_at: DateTime<Utc>,
    quantity: i32,
    otherwise: Currency,
) -> Result<Quote> {
    let (per, each) = line.price.clone().unwrap_or(("flat".into(), Money { amount: 0, currency: otherwise }));
    let minutes = (end_at - start_at).num_minutes();
    let times = match per.as_str() {
        "hour" => (minutes + 59) / 60,
        "day" => (minutes + 24 * 60 - 1) / (24 * 60),
        _ => 1,
    };
    let unit_price = Money::asked(each.amount.saturating_mul(times), each.currency)?;
    let price = Money::asked(unit_price.amount.saturating_mul(quantity.into()), each.currency)?;
    Ok(Quote { price, unit_price, quantity, commission: price.with(0), earnings: price })
}

/// A reason in words, if any: at most 1000 characters.
pub(super) fn reason(reason: Option<String>) -> Result<Option<String>> {
    text("reason", reason.as_deref())?;
    Ok(reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty()))
}

fn text(field: &str, text: Option<&str>) -> Result<()> {
    if text.is_some_and(|text| text.chars().count() > LONGEST_TEXT || text.contains('\0')) {
        return Err(Refusal::invalid(field, format!("must have at most {LONGEST_TEXT} characters")).into());
    }
    Ok(())
}

fn within(field: &str, value: i64, least: i64, most: i64) -> Result<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Refusal::invalid(field, format!("must be between {least} and {most}")).into())
}
