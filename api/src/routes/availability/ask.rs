//! What clients ask a search.

use crate::{
    conditions::Asked,
    routes::{bookings::when, resources::KINDS},
};
use chrono::NaiveDate;
use domain::{
    bookings::availability::Search,
    ids::{SiteId, UserId},
    inventory::Kind,
    policies::Period,
    refusals::Refusal,
};

/// The search, if it says one thing.
pub(super) fn search(asked: &mut Asked, user: UserId) -> Result<Search, Refusal> {
    let text = |named: Option<(&'static str, String)>| named.map(|(_, text)| text);
    let start = text(asked.by_any_name(&["start_at", "from"])?);
    let end = text(asked.by_any_name(&["end_at", "to"])?);
    let date: Option<NaiveDate> = asked.value("date", "a day such as 2026-11-30")?;
    let period = match asked.text("period").as_deref() {
        None => None,
        Some("morning") => Some(Period::Morning),
        Some("afternoon") => Some(Period::Afternoon),
        Some("day") => Some(Period::Day),
        Some(_) => return Err(Refusal::invalid("period", "allowed: morning, afternoon, day")),
    };
    let when = when(start.as_deref(), end.as_deref(), date, period)?;
    let when = when.ok_or_else(|| Refusal::invalid("start_at", "is missing: say from when to when"))?;
    let kinds = asked.spelt(&["kind", "type"], &KINDS)?;
    let site = asked.by_any_name(&["site_id", "site"])?;
    let site = site.map(|(name, id)| id.parse::<SiteId>().map_err(|_| Refusal::invalid(name, "expected a site's id")));
    Ok(Search {
        user,
        when,
        people: number(asked, &["people", "participants"])?,
        quantity: number(asked, &["quantity"])?,
        features: asked.all_of(&["features"])?,
        kinds: kinds.iter().map(|kind| kind.parse::<Kind>()).collect::<Result<_, _>>()?,
        site: site.transpose()?,
    })
}

fn number(asked: &mut Asked, names: &[&'static str]) -> Result<i32, Refusal> {
    let Some((name, text)) = asked.by_any_name(names)? else { return Ok(1) };
    text.parse().map_err(|_| Refusal::invalid(name, "expected a whole number"))
}
