//! When nothing is free, people wait (H-group, ★7): an entry belongs to a booking in status `waitlisted`, a freed unit
//! becomes an offer to the best entry, and an open offer holds its units by claims like any other holder.

mod close;
mod words;

pub(crate) use close::{close_entry_of, withdraw_offer};
pub use words::{EntryStatus, OfferStatus};
