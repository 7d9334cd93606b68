//! What a booking is of: a ride, which has a driver and a departure, or things of the organization. Each step asks here
//! whose word counts.

use super::{Authority, Booking, items::Given, things::Thing};
use crate::{
    db::Tx,
    error::Result,
    ids::{BookingId, ResourceId},
    inventory::Kind,
    permissions::Permission,
    refusals::Refusal,
    trips::{self, Trip},
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// What a booking is of.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    /// Seats on a trip.
    Ride(Box<Trip>),
    /// Units of the organization's resources.
    Things(InWords),
}

/// Things and their units as people say them.
#[derive(Debug, Clone, Default)]
pub(crate) struct InWords {
    /// Of what: `2 × Camera, Microphone`.
    pub what: String,
    /// Which: `B-1, B-2`; none while they are only wished for.
    pub units: String,
}

/// What a booking is of.
pub(crate) async fn subject_of(tx: &mut Tx, booking: &Booking) -> Result<Subject> {
    match booking.kind {
        Kind::Trip => Ok(Subject::Ride(Box::new(trips::of_booking(tx, booking.resource).await?))),
        _ => Ok(Subject::Things(in_words(tx, &[booking.id]).await?.remove(&booking.id).unwrap_or_default())),
    }
}

/// What each of several bookings is of, in their order.
pub(crate) async fn subjects_of(tx: &mut Tx, bookings: &[Booking]) -> Result<Vec<Subject>> {
    let things: Vec<BookingId> = bookings.iter().filter(|one| one.kind != Kind::Trip).map(|one| one.id).collect();
    let mut words = if things.is_empty() { HashMap::new() } else { in_words(tx, &things).await? };
    let mut trips: HashMap<ResourceId, Trip> = HashMap::new();
    let mut subjects = Vec::with_capacity(bookings.len());
    for booking in bookings {
        if booking.kind != Kind::Trip {
            subjects.push(Subject::Things(words.remove(&booking.id).unwrap_or_default()));
            continue;
        }
        let trip = match trips.get(&booking.resource) {
            Some(trip) => trip.clone(),
            None => trips::of_booking(tx, booking.resource).await?,
        };
        trips.insert(booking.resource, trip.clone());
        subjects.push(Subject::Ride(Box::new(trip)));
    }
    Ok(subjects)
}

async fn in_words(tx: &mut Tx, bookings: &[BookingId]) -> Result<HashMap<BookingId, InWords>> {
    let org = tx.org()?;
    let ids: Vec<Uuid> = bookings.iter().copied().map(Uuid::from).collect();
    let lines = sqlx::query!(
        r#"select i.booking_id as "booking: BookingId", r.id as "id: ResourceId", r.name, i.unit_label as label
           from booking_items i join resources r on r.org_id = i.org_id and r.id = i.resource_id
           where i.org_id = $1 and i.booking_id = any($2)
           order by i.booking_id, i.resource_id, length(i.unit_label), i.unit_label, i.id"#,
        org.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let of_one = lines.chunk_by(|one, next| one.booking == next.booking);
    Ok(of_one
        .map(|lines| {
            let units = lines.iter().map(|line| (line.id, line.name.as_str(), line.label.as_deref()));
            (lines[0].booking, InWords::of(units))
        })
        .collect())
}

impl InWords {
    /// Of units in their order: the thing, its name, the label of the unit.
    fn of<'a>(units: impl Iterator<Item = (ResourceId, &'a str, Option<&'a str>)>) -> Self {
        let mut counts: BTreeMap<(&str, ResourceId), usize> = BTreeMap::new();
        let mut labels = Vec::new();
        for (thing, name, label) in units {
            *counts.entry((name, thing)).or_default() += 1;
            labels.extend(label);
        }
        let words = counts.iter().map(|((name, _), count)| match count {
            1 => (*name).to_owned(),
            count => format!("{count} × {name}"),
        });
        Self { what: words.collect::<Vec<_>>().join(", "), units: labels.join(", ") }
    }
}

impl Subject {
    /// Units just given, before anybody has to read them.
    pub(super) fn of_things(things: &[Thing], given: &[Given]) -> Self {
        let mut units: Vec<(ResourceId, &str, Option<&str>)> = Vec::with_capacity(given.len());
        for item in given {
            let Some(thing) = things.iter().find(|thing| thing.id == item.resource) else { continue };
            units.push((thing.id, thing.name.as_str(), item.unit.as_ref().map(|unit| unit.label.as_str())));
        }
        units.sort_by_key(|(thing, _, label)| (*thing, label.map(str::len), *label));
        Self::Things(InWords::of(units.into_iter()))
    }

    /// The trip, if it is a ride.
    pub(crate) fn trip(&self) -> Option<&Trip> {
        match self {
            Self::Ride(trip) => Some(trip),
            Self::Things(_) => None,
        }
    }

    /// Only who decides about it: the driver of a ride, staff for everything. A party to the booking learns what is
    /// missing; to a stranger it does not exist.
    pub(super) fn must_be_decided_by(&self, by: Authority, booking: &Booking, needed: &'static str) -> Result<()> {
        match (self, by) {
            (_, Authority::Staff(_)) => Ok(()),
            (Self::Ride(trip), Authority::Own(user)) if user == trip.driver => Ok(()),
            (_, Authority::Own(_)) => {
                by.must_ride(booking)?;
                Err(Refusal::Forbidden { permission: needed }.into())
            }
        }
    }

    /// Only who acts on it while it goes on: the driver of a ride, whoever uses a bay or a room, and staff.
    pub(super) fn must_be_used_by(&self, by: Authority, booking: &Booking) -> Result<()> {
        match self {
            Self::Ride(_) => self.must_be_decided_by(by, booking, Permission::TripManageOwn.code()),
            Self::Things(_) => by.must_ride(booking),
        }
    }
}
