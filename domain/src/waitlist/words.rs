//! Where an entry and an offer stand (MODEL §3).

use crate::inventory::words;

words! {
    /// Where somebody's place in a line stands.
    EntryStatus, "status" {
        /// In line.
        Waiting = "waiting";
        /// An offer is open.
        Offered = "offered";
        /// The offer was taken: the booking goes on by itself.
        Accepted = "accepted";
        /// The person left, or said no.
        Declined = "declined";
        /// The offer or the wish ran out.
        Expired = "expired";
        /// Given up with its booking.
        Cancelled = "cancelled";
    }
}

words! {
    /// Where an offer stands.
    OfferStatus, "status" {
        /// It holds its units.
        Open = "open";
        /// Its claims are the booking's.
        Accepted = "accepted";
        /// The person said no.
        Declined = "declined";
        /// Nobody answered in time.
        Expired = "expired";
        /// Taken back by whoever made it, or because its units are gone.
        Withdrawn = "withdrawn";
    }
}
