//! When nothing is free, people wait (H-group, ★7): an entry belongs to a booking in status `waitlisted`, a freed unit
//! becomes an offer to the best entry, and an open offer holds its units by claims like any other holder.
//!
//! The order is by score, then by who came first; under `fifo` every score is zero. Whoever wants several units gets
//! all or nothing, and is passed by those who fit. Rules here lock the resource, then the booking, then the entry.

mod accept;
mod accept_alternative;
mod by_hand;
mod close;
mod decisions;
mod decline;
mod end_entry;
mod entry;
mod expire_offer;
mod give;
mod join;
mod leave;
mod line;
mod list;
mod match_line;
mod offers;
mod propose;
mod ranking;
mod refuse;
mod score;
mod settle_in;
mod show;
mod sweep;
mod tell;
mod unchanged;
mod wish;
mod words;

pub use accept::accept;
pub use accept_alternative::accept_alternative;
pub use by_hand::offer;
pub(crate) use close::{close_entry_of, withdraw_offer};
pub use decisions::{Decision, decisions};
pub use decline::{decline, decline_alternative};
pub use end_entry::end_entry;
pub use entry::Entry;
pub use expire_offer::{expire, expire_offer};
pub use join::join;
pub(crate) use leave::cancel_wish;
pub use leave::leave;
pub use list::{Listing, list};
pub(crate) use match_line::serve_first;
pub use match_line::{match_line, units_freed};
pub use offers::{Alternative, Offer};
pub use propose::{Proposal, propose};
pub use ranking::{Part, Place, Ranking};
pub use refuse::refuse;
pub use show::{Standing, show};
pub use sweep::{sweep_entries, sweep_lines, sweep_offers};
pub use unchanged::unchanged_since;
pub use wish::Wish;
pub use words::{AlternativeStatus, EntryStatus, OfferStatus};
