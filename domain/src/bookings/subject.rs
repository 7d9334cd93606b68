//! What a booking is of: a ride, which has a driver and a departure, or things of the organization. Each step asks here
//! whose word counts.

use super::{Authority, Booking};
use crate::{
    db::Tx,
    error::Result,
    ids::BookingId,
    inventory::Kind,
    permissions::Permission,
    refusals::Refusal,
    trips::{self, Trip},
};

/// What a booking is of.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    /// Seats on a trip.
    Ride(Box<Trip>),
    /// Units of the organization's resources, in words: `2 × Camera, Microphone`.
    Things(String),
}

/// What a booking is of.
pub(crate) async fn subject_of(tx: &mut Tx, booking: &Booking) -> Result<Subject> {
    match booking.kind {
        Kind::Trip => Ok(Subject::Ride(Box::new(trips::of_booking(tx, booking.resource).await?))),
        _ => Ok(Subject::Things(in_words(tx, booking.id).await?)),
    }
}

async fn in_words(tx: &mut Tx, booking: BookingId) -> Result<String> {
    let org = tx.org()?;
    let lines = sqlx::query!(
        r#"select r.name, count(*) as "units!" from booking_items i
           join resources r on r.org_id = i.org_id and r.id = i.resource_id
           where i.org_id = $1 and i.booking_id = $2 group by r.id, r.name order by r.name, r.id"#,
        org.0,
        booking.0
    )
    .fetch_all(tx.conn())
    .await?;
    let words = lines.iter().map(|line| match line.units {
        1 => line.name.clone(),
        units => format!("{units} × {}", line.name),
    });
    Ok(words.collect::<Vec<_>>().join(", "))
}

impl Subject {
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
