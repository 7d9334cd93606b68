//! Which jobs are asked for: the same filters for lists and for a re-drive.

use crate::conditions::Asked;
use chrono::{DateTime, Utc};
use domain::{
    ids::OrgId,
    ops::{Filter, State},
    refusals::Refusal,
};
use utoipa::IntoParams;

/// The filters, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct Filters {
    /// Of this queue.
    #[param(example = "payments")]
    queue: Option<String>,
    /// Of this kind.
    #[param(example = "payment.poll")]
    kind: Option<String>,
    /// Of the organization with this id.
    organization: Option<uuid::Uuid>,
    /// Posted at this time or later; for jobs that wait, run or are dead.
    created_after: Option<DateTime<Utc>>,
    /// Posted before this time.
    created_before: Option<DateTime<Utc>>,
    /// Ended at this time or later; for jobs that are dead and for runs.
    ended_after: Option<DateTime<Utc>>,
    /// Ended before this time.
    ended_before: Option<DateTime<Utc>>,
    /// Whose error holds this text, 3 to 200 characters, in whatever case.
    #[param(example = "timed out")]
    error: Option<String>,
}

const TIME: &str = "a time such as 2026-11-27T10:00:00Z";

/// Reads the filters.
pub fn filter(asked: &mut Asked) -> Result<Filter, Refusal> {
    Ok(Filter {
        queue: asked.text("queue"),
        kind: asked.text("kind"),
        org_id: asked.value::<OrgId>("organization", "the id of an organization")?.map(Into::into),
        created_after: asked.value("created_after", TIME)?,
        created_before: asked.value("created_before", TIME)?,
        ended_after: asked.value("ended_after", TIME)?,
        ended_before: asked.value("ended_before", TIME)?,
        error: asked.text("error"),
    })
}

/// Reads the state; the dead are what waits for a person.
pub fn state(asked: &mut Asked) -> Result<State, Refusal> {
    let allowed = State::ALL.map(State::name).join(", ");
    let Some(name) = asked.text("state") else { return Ok(State::Dead) };
    name.parse().map_err(|()| Refusal::invalid("state", format!("allowed: {allowed}")))
}

/// Reads a switch.
pub fn switch(asked: &mut Asked, name: &'static str) -> Result<bool, Refusal> {
    Ok(asked.value(name, "true or false")?.unwrap_or(false))
}
