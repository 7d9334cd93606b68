//! On what ground somebody acts on a booking: as a party to it, or as staff of the organization.

use super::Booking;
use crate::{error::Result, ids::UserId, refusals::Refusal, trips::Trip};

/// A person and their ground. To somebody without ground the object does not exist (CX10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// Acts on what is their own.
    Own(UserId),
    /// Holds the permission that decides this for everybody, such as `booking:arbitrate`.
    Staff(UserId),
}

impl Authority {
    /// The person.
    #[must_use]
    pub fn user(self) -> UserId {
        match self {
            Self::Own(user) | Self::Staff(user) => user,
        }
    }

    /// Only the trip's driver, or staff.
    pub(crate) fn must_drive(self, trip: &Trip) -> Result<()> {
        match self {
            Self::Own(user) if user != trip.driver => Err(Refusal::NotFound.into()),
            _ => Ok(()),
        }
    }

    /// Only who booked or for whom, or staff.
    pub(crate) fn must_ride(self, booking: &Booking) -> Result<()> {
        match self {
            Self::Own(user) if user != booking.beneficiary && user != booking.creator => Err(Refusal::NotFound.into()),
            _ => Ok(()),
        }
    }

    /// Rider, driver or staff.
    pub(crate) fn must_be_party(self, booking: &Booking, driver: UserId) -> Result<()> {
        if self.user() == driver { Ok(()) } else { self.must_ride(booking) }
    }
}
