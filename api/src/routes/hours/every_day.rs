//! The shortest way to say hours: every day the same, with a place as it is made or changed (B5, B7, E5, E9).

use domain::{
    db::Tx,
    error::Result,
    inventory::hours::{self, Opening, OpeningHours, Place, Weekly},
    policies::TimeOfDay,
    refusals::Refusal,
};

/// Both ends or neither; the beginning comes first (B7). Nights and single days are for the whole form.
///
/// # Errors
/// `validation_error` naming the field.
pub fn every_day(from: Option<&str>, to: Option<&str>) -> Result<Option<Opening>, Refusal> {
    match (from, to) {
        (None, None) => Ok(None),
        (Some(from), Some(to)) => {
            let (opens, closes) = (time("open_from", from)?, time("open_to", to)?);
            if closes <= opens {
                return Err(Refusal::invalid("open_to", "must be after open_from"));
            }
            Ok(Some(Opening { opens, closes }))
        }
        (Some(_), None) => Err(Refusal::invalid("open_to", "goes with open_from")),
        (None, Some(_)) => Err(Refusal::invalid("open_from", "goes with open_to")),
    }
}

fn time(field: &str, text: &str) -> Result<TimeOfDay, Refusal> {
    let minutes = text.strip_suffix(":00").filter(|minutes| minutes.contains(':')).unwrap_or(text);
    minutes.parse().map_err(|problem: &str| Refusal::invalid(field, problem))
}

/// Puts the same hours on every weekday, where any were said; days that differ stay.
///
/// # Errors
/// As [`hours::replace`].
pub async fn set_every_day(tx: &mut Tx, place: Place, opening: Option<Opening>) -> Result<()> {
    let Some(opening) = opening else { return Ok(()) };
    let days = hours::find(tx, place).await?.days;
    let weekly = (1..=7).map(|weekday| Weekly { weekday, opening, valid_from: None, valid_to: None }).collect();
    hours::replace(tx, place, OpeningHours { weekly, days }).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::every_day;

    #[test]
    fn both_ends_in_order_with_or_without_seconds() {
        let said = every_day(Some("08:00:00"), Some("20:30")).unwrap().unwrap();
        assert_eq!((said.opens.to_string(), said.closes.to_string()), ("08:00".into(), "20:30".into()));
        assert!(every_day(None, None).unwrap().is_none());
        for (from, to) in
            [(Some("08:00"), None), (None, Some("08:00")), (Some("20:00"), Some("08:00")), (Some("8"), Some("20:00"))]
        {
            assert!(every_day(from, to).is_err(), "{from:?} {to:?}");
        }
    }
}
