//! Somebody books every week (SN10): each date is judged like any booking, by the rules in force, in one commit.

use super::{
    OnConflict, Pattern, Series,
    place::{Tried, place},
    queries,
};
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    ids::*,
    inventory::{checked_text, resources},
    organizations::members,
    refusals::Refusal,
};

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct NewSeries {
    /// Who asks.
    pub creator: UserId,
    /// For whom.
    pub beneficiary: UserId,
    /// Any units of this.
    pub resource: ResourceId,
    /// How many units.
    pub quantity: i32,
    /// When.
    pub pattern: Pattern,
    /// What happens to a date that cannot be had.
    pub on_conflict: OnConflict,
    /// How many people come, from 1.
    pub participants: i32,
    /// What it is for, at most 1000 characters.
    pub purpose: Option<String>,
    /// A word to whoever decides, at most 1000 characters.
    pub note: Option<String>,
}

/// Books every date that can be had, or none, as `on_conflict` says.
///
/// # Errors
/// [`Refusal::SeriesRefused`] with the refusal of each date, [`Refusal::Invalid`],
/// [`Refusal::NotFound`].
pub async fn create(tx: &mut Tx, new: NewSeries) -> Result<Series> {
    let NewSeries { creator, beneficiary, resource, quantity, on_conflict, participants, purpose, note, .. } = new;
    let mut series = Series {
        id: SeriesId::new(),
        resource,
        creator,
        beneficiary,
        pattern: new.pattern.checked()?,
        on_conflict,
        quantity,
        participants,
        purpose,
        note,
        refused: Vec::new(),
        cancelled_at: None,
        version: 1,
        created_at: tx.now(),
    };
    check(tx, &series).await?;
    queries::insert(tx, &series).await?;
    let mut tried = Tried::default();
    for date in series.pattern.dates() {
        let step = place(tx, &series, date).await;
        tried.note(date, step)?;
    }
    tried.must_do(on_conflict)?;
    if !tried.refused.is_empty() {
        series.refused = tried.refused;
        note_refused(tx, &series).await?;
    }
    tx.record(Change::created("booking_series", series.id, &series));
    Ok(series)
}

/// What would be refused for every date alike, before a row refers to it.
async fn check(tx: &mut Tx, series: &Series) -> Result<()> {
    if !(1..=60).contains(&series.quantity) {
        return Err(Refusal::invalid("quantity", "must be between 1 and 60").into());
    }
    if !(1..=100_000).contains(&series.participants) {
        return Err(Refusal::invalid("participants", "must be between 1 and 100000").into());
    }
    checked_text("purpose", series.purpose.as_deref().unwrap_or_default(), 1_000)?;
    checked_text("note", series.note.as_deref().unwrap_or_default(), 1_000)?;
    resources::find(tx, series.resource).await?;
    members::status(tx, series.beneficiary).await?.ok_or(Refusal::NotFound)?;
    Ok(())
}

async fn note_refused(tx: &mut Tx, series: &Series) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "update booking_series set refused = $3 where org_id = $1 and id = $2",
        org.0,
        series.id.0,
        serde_json::to_value(&series.refused).unwrap_or_default()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
