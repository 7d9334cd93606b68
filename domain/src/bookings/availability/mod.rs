//! What is free, and why the rest is not (F4–F11, SN11, ★9). A search sorts out with one statement; whoever asks why is
//! answered by the functions that decide a booking, without their locks.

mod explain;
mod ground;
mod search;
mod stats;
mod upcoming;
mod week;

pub use explain::{Candidate, Holder, explain};
pub use search::{Found, search};
pub use stats::{Stats, stats};
pub use upcoming::{Upcoming, upcoming};
pub use week::{Day, week};

use super::{NewBooking, When, Wish};
use crate::{
    error::Result,
    ids::*,
    inventory::{Kind, checked_features},
    refusals::Refusal,
};
use uuid::Uuid;

/// What somebody looks for.
#[derive(Debug, Clone)]
pub struct Search {
    /// Who looks: what they may have counts.
    pub user: UserId,
    /// From when to when.
    pub when: When,
    /// For how many people, from 1.
    pub people: i32,
    /// How many units, from 1.
    pub quantity: i32,
    /// What every unit must have, itself or by its resource.
    pub features: Vec<String>,
    /// Of these kinds; of any when empty.
    pub kinds: Vec<Kind>,
    /// On this site.
    pub site: Option<SiteId>,
}

impl Search {
    fn checked(mut self) -> Result<Self> {
        self.features = checked_features("features", &self.features)?;
        if !(1..=60).contains(&self.quantity) {
            return Err(Refusal::invalid("quantity", "must be between 1 and 60").into());
        }
        if !(1..=100_000).contains(&self.people) {
            return Err(Refusal::invalid("people", "must be between 1 and 100000").into());
        }
        Ok(self)
    }

    fn kind_codes(&self) -> Vec<String> {
        self.kinds.iter().map(|kind| kind.code().to_owned()).collect()
    }

    fn site_id(&self) -> Option<Uuid> {
        self.site.map(Uuid::from)
    }

    /// The booking somebody would ask for who took this resource.
    fn booking_of(&self, resource: ResourceId) -> NewBooking {
        NewBooking {
            creator: self.user,
            beneficiary: self.user,
            wishes: vec![Wish::Some(resource, self.quantity)],
            when: Some(self.when),
            participants: Some(self.people),
            purpose: None,
            note: None,
            draft: false,
        }
    }
}
