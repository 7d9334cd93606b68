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
        /// The person said no to an offer, or staff to the wish.
        Declined = "declined";
        /// The offer or the wish ran out.
        Expired = "expired";
        /// The person left, or gave up the booking.
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

words! {
    /// Where what staff propose instead stands.
    AlternativeStatus, "status" {
        /// It can be accepted; it holds nothing.
        Open = "open";
        /// It was booked.
        Accepted = "accepted";
        /// The person said no, and waits on.
        Declined = "declined";
        /// Its time came before an answer.
        Expired = "expired";
        /// The wish ended otherwise.
        Withdrawn = "withdrawn";
    }
}
