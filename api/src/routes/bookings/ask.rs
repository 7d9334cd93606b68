//! What a client says when it books or moves a booking, in the words of every trade (G26–G29, CX21, CX47).

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use domain::{
    bookings::{Moment, When, Wish},
    ids::{ResourceId, UnitId},
    policies::Period,
    refusals::Refusal,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something to book: one resource or unit, several of them in `items`, or seats on a trip.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "seats": 1, "note": "I will wait at the pharmacy." }))]
pub struct AskBooking {
    /// A trip whose seats are asked for.
    trip_id: Option<Uuid>,
    /// A resource of which any units will do; a trip's id means the trip.
    resource_id: Option<Uuid>,
    /// One named unit, such as a bay.
    unit_id: Option<Uuid>,
    /// Several at once, all or nothing; at most 60 units.
    items: Option<Vec<AskItem>>,
    /// How many seats; `quantity` means the same.
    #[schema(example = 1, minimum = 1, maximum = 60)]
    seats: Option<i32>,
    /// How many units of `resource_id`; 1 when left out.
    #[schema(example = 1, minimum = 1, maximum = 60)]
    quantity: Option<i32>,
    /// RFC 3339. In UTC it is an instant; without an offset it is meant on the clocks of the place, and stays so when the
    /// law about them changes. With the place's own offset it says which of two equal times is meant. Not for trips.
    #[schema(example = "2026-11-30T09:00:00Z")]
    start_at: Option<String>,
    /// The first instant after.
    #[schema(example = "2026-11-30T11:00:00Z")]
    end_at: Option<String>,
    /// With `period`, instead of `start_at` and `end_at`.
    #[schema(example = "2026-11-30")]
    date: Option<NaiveDate>,
    /// `morning`, `afternoon` or `day`, on the clocks of the place.
    #[schema(value_type = Option<String>, example = "morning")]
    period: Option<Period>,
    /// How many people come; 1 when left out.
    #[schema(example = 1, minimum = 1, maximum = 100_000)]
    participants: Option<i32>,
    /// What it is for, at most 1000 characters.
    #[schema(example = "Film club")]
    purpose: Option<String>,
    /// A word to whoever decides, at most 1000 characters.
    #[schema(example = "I will wait at the pharmacy.")]
    note: Option<String>,
    /// For whom, if not for me; needs `book:for_others`.
    beneficiary_user_id: Option<Uuid>,
    /// Only write it down; `POST /bookings/{id}/submit` books it.
    #[serde(default)]
    draft: bool,
}

/// One line of several.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskItem {
    /// Any units of this resource.
    resource_id: Option<Uuid>,
    /// This very unit; `resource_unit_id` means the same.
    #[serde(alias = "resource_unit_id")]
    unit_id: Option<Uuid>,
    /// How many units of the resource; 1 when left out.
    #[schema(example = 1, minimum = 1, maximum = 60)]
    quantity: Option<i32>,
}

/// The parts of a request that the rules want, whoever asks.
pub struct Asked {
    pub wishes: Vec<Wish>,
    pub when: Option<When>,
    pub participants: Option<i32>,
    pub purpose: Option<String>,
    pub note: Option<String>,
    pub beneficiary: Option<Uuid>,
    pub draft: bool,
}

impl AskBooking {
    /// The request, if it says one thing.
    pub fn read(self) -> Result<Asked, Refusal> {
        let when = when(self.start_at.as_deref(), self.end_at.as_deref(), self.date, self.period)?;
        let wishes = wishes(self.trip_id, self.resource_id, self.unit_id, self.items, self.seats, self.quantity)?;
        Ok(Asked {
            wishes,
            when,
            participants: self.participants,
            purpose: self.purpose,
            note: self.note,
            beneficiary: self.beneficiary_user_id,
            draft: self.draft,
        })
    }
}

fn wishes(
    trip: Option<Uuid>,
    resource: Option<Uuid>,
    unit: Option<Uuid>,
    items: Option<Vec<AskItem>>,
    seats: Option<i32>,
    quantity: Option<i32>,
) -> Result<Vec<Wish>, Refusal> {
    let number = match (seats, quantity) {
        (Some(_), Some(_)) => return Err(Refusal::invalid("quantity", "use seats or quantity, not both")),
        (seats, quantity) => seats.or(quantity),
    };
    match (trip, resource, unit, items) {
        (Some(trip), None, None, None) => {
            let seats = number.ok_or_else(|| Refusal::invalid("seats", "is missing"))?;
            Ok(vec![Wish::Some(ResourceId(trip), seats)])
        }
        (None, Some(resource), None, None) => Ok(vec![Wish::Some(ResourceId(resource), number.unwrap_or(1))]),
        (None, None, Some(unit), None) => one_unit(unit, number, "quantity").map(|wish| vec![wish]),
        (None, None, None, Some(items)) if number.is_none() => {
            items.into_iter().enumerate().map(|(at, item)| item.read(at)).collect()
        }
        (None, None, None, None) => {
            Err(Refusal::invalid("resource_id", "say what to book: resource_id, unit_id, items or trip_id"))
        }
        _ => Err(Refusal::invalid("items", "use one of resource_id, unit_id, items and trip_id")),
    }
}

fn one_unit(unit: Uuid, number: Option<i32>, field: &str) -> Result<Wish, Refusal> {
    match number {
        None | Some(1) => Ok(Wish::Unit(UnitId(unit))),
        Some(_) => Err(Refusal::invalid(field, "is 1 where a unit is named")),
    }
}

impl AskItem {
    fn read(self, at: usize) -> Result<Wish, Refusal> {
        match (self.resource_id, self.unit_id) {
            // a unit knows its resource; that both are named is common and does no harm
            (_, Some(unit)) => one_unit(unit, self.quantity, &format!("items[{at}].quantity")),
            (Some(resource), None) => Ok(Wish::Some(ResourceId(resource), self.quantity.unwrap_or(1))),
            (None, None) => Err(Refusal::invalid(format!("items[{at}]"), "needs resource_id or unit_id")),
        }
    }
}

/// From when to when, said in one of two ways; `None` when nothing is said.
pub fn when(
    start: Option<&str>,
    end: Option<&str>,
    date: Option<NaiveDate>,
    period: Option<Period>,
) -> Result<Option<When>, Refusal> {
    match (start, end, date, period) {
        (None, None, None, None) => Ok(None),
        (Some(start), Some(end), None, None) => {
            Ok(Some(When::Range { start: moment("start_at", start)?, end: moment("end_at", end)? }))
        }
        (None, None, Some(date), Some(period)) => Ok(Some(When::Part { date, period })),
        (None, None, Some(_), None) => Err(Refusal::invalid("period", "is missing: morning, afternoon or day")),
        (None, None, None, Some(_)) => Err(Refusal::invalid("date", "is missing")),
        (Some(_), None, None, None) => Err(Refusal::invalid("end_at", "is missing")),
        (None, Some(_), None, None) => Err(Refusal::invalid("start_at", "is missing")),
        _ => Err(Refusal::invalid("date", "use start_at and end_at, or date and period")),
    }
}

/// An instant with an offset, or a time on the clocks of the place.
pub fn moment(field: &'static str, text: &str) -> Result<Moment, Refusal> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        let is_utc = text.ends_with(['Z', 'z']);
        return Ok(if is_utc { Moment::Instant(at.with_timezone(&Utc)) } else { Moment::Offset(at) });
    }
    let local = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
    let read = local.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    read.map(Moment::Local)
        .ok_or_else(|| Refusal::invalid(field, "must be a time such as 2026-11-30T09:00:00Z or 2026-11-30T09:00"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(body: Value) -> Result<Asked, String> {
        let ask: AskBooking = serde_json::from_value(body).map_err(|error| error.to_string())?;
        ask.read().map_err(|refusal| match refusal {
            Refusal::Invalid { field, .. } => field,
            other => format!("{other:?}"),
        })
    }

    #[test]
    fn a_request_says_one_thing_in_one_way() {
        let (id, other) = (Uuid::nil(), Uuid::nil());
        let times = json!({ "start_at": "2026-11-30T09:00:00Z", "end_at": "2026-11-30T11:00" });
        let with = |more: Value| {
            let mut body = times.clone();
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            read(body)
        };
        assert_eq!(with(json!({ "resource_id": id })).unwrap().wishes, [Wish::Some(ResourceId(id), 1)]);
        assert_eq!(with(json!({ "unit_id": id })).unwrap().wishes, [Wish::Unit(UnitId(id))]);
        let items =
            json!({ "items": [{ "resource_unit_id": id, "quantity": 1 }, { "resource_id": other, "quantity": 2 }] });
        assert_eq!(with(items).unwrap().wishes.len(), 2);
        for (more, field) in [
            (json!({}), "resource_id"),
            (json!({ "resource_id": id, "unit_id": id }), "items"),
            (json!({ "unit_id": id, "quantity": 2 }), "quantity"),
            (json!({ "items": [{}] }), "items[0]"),
            (json!({ "items": [], "quantity": 1 }), "items"),
            (json!({ "resource_id": id, "date": "2026-11-30" }), "date"),
            (json!({ "resource_id": id, "seats": 1, "quantity": 1 }), "quantity"),
        ] {
            assert_eq!(with(more.clone()).err().as_deref(), Some(field), "{more}");
        }
        for (body, field) in [
            (json!({ "resource_id": id, "start_at": "2026-11-30T09:00:00Z" }), "end_at"),
            (json!({ "resource_id": id, "period": "day" }), "date"),
            (json!({ "resource_id": id, "date": "2026-11-30" }), "period"),
            (json!({ "resource_id": id, "start_at": "soon", "end_at": "later" }), "start_at"),
        ] {
            assert_eq!(read(body.clone()).err().as_deref(), Some(field), "{body}");
        }
    }
}
