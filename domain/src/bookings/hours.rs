//! Nothing is booked while it is closed (F1, E9, SN12). What is lent only has to be fetched and brought back while it is
//! open.

use super::things::Thing;
use crate::{
    db::Tx,
    error::Result,
    ids::ResourceId,
    inventory::{
        hours::{self, Schedule},
        units::Span,
    },
    policies::Rules,
};
use chrono_tz::Tz;

/// Insists that all these things are open at that time.
///
/// # Errors
/// [`crate::refusals::Refusal::Closed`] with the opening times of the day.
pub(super) async fn must_be_open(tx: &mut Tx, things: &[Thing], rules: &Rules, span: Span) -> Result<()> {
    let ids: Vec<ResourceId> = things.iter().map(|thing| thing.id).collect();
    let schedules = hours::of_resources(tx, &ids).await?;
    things.iter().zip(schedules).try_for_each(|(thing, schedule)| open_enough(&schedule, rules, thing.zone, span))
}

/// The same of one schedule.
pub(crate) fn open_enough(schedule: &Schedule, rules: &Rules, zone: Tz, span: Span) -> Result<()> {
    if !rules.hand_over {
        return schedule.must_cover(zone, span);
    }
    schedule.must_cover(zone, Span { start: span.start, end: span.start })?;
    schedule.must_cover(zone, Span { start: span.end, end: span.end })
}
