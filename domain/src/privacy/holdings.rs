//! Where the database holds something about a person: how each place gets into the copy they may ask for, and what
//! becomes of it when they are forgotten. `tests/tidy/privacy.rs` finds every table that names people in the catalogue
//! of a living database and fails when one is missing here.

/// How a table gets into the copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// Under this name.
    As(&'static str),
    /// Not, because of this.
    Not(&'static str),
}

/// One table that says something about people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Its name in the database.
    pub table: &'static str,
    /// Where the copy shows it.
    pub export: Export,
    /// What becomes of it when the person is forgotten.
    pub erasure: &'static str,
}

const fn held(table: &'static str, section: &'static str, erasure: &'static str) -> Holding {
    Holding { table, export: Export::As(section), erasure }
}

const fn apart(table: &'static str, why: &'static str, erasure: &'static str) -> Holding {
    Holding { table, export: Export::Not(why), erasure }
}

/// Every place. Those of the first group belong to the person wherever they are, the others to one organization.
pub const HOLDINGS: &[Holding] = &[
    held("users", "profile", "names, gender, birth date and zone are emptied; the id stays as a pseudonym"),
    held("identities", "identities", "deleted: anybody may register these names again"),
    held("credentials", "credentials", "deleted"),
    held("sessions", "sessions", "deleted: nobody is signed in as them any more"),
    apart("spent_refresh_tokens", "hashes of random numbers, about nobody by themselves", "deleted with the sessions"),
    held("devices", "devices", "deleted"),
    held("one_time_codes", "codes", "deleted"),
    held("memberships", "membership", "closed, without permissions of their own"),
    held("membership_roles", "roles", "deleted"),
    held("departments", "departments", "kept: who led a part of the organization is the organization's own"),
    held("calendar_feeds", "calendars", "taken back: the addresses show nothing any more"),
    held("calendar_imports", "handed_over", "deleted: which event elsewhere a booking was is forgotten"),
    held("favourites", "favourites", "deleted"),
    held("invitations", "invitations", "the address is emptied; that somebody came in by one stays"),
    held("preferences", "preferences", "deleted"),
    held("kyc_documents", "identity_documents", "number, pictures and notes are emptied; the verdict stays"),
    held("payout_destinations", "payout_destinations", "number and name are emptied; that a payout went to one stays"),
    held("resources", "things", "the number plate is emptied and the thing withdrawn"),
    held(
        "trips",
        "trips",
        "house rules are emptied; when and between which places is what the riders' bookings are about",
    ),
    held("trip_stops", "trips", "places of the journey, kept with it"),
    held(
        "bookings",
        "bookings",
        "notes and purposes are emptied; what was taken, when and for how much is bookkeeping",
    ),
    held("booking_series", "series", "notes and purposes are emptied; which weeks were taken is bookkeeping"),
    held("booking_items", "bookings", "kept with the booking"),
    held("queue_entries", "waitlist", "reasons are emptied; that somebody stood in line stays, decisions rest on it"),
    held("offers", "waitlist", "reasons are emptied; what was offered when stays"),
    held("alternatives", "waitlist", "reasons are emptied; what was proposed when stays"),
    held("promo_redemptions", "redemptions", "kept: what was given is bookkeeping"),
    held("referrals", "referrals", "kept: what was given is bookkeeping"),
    held("ticket_purchases", "tickets", "kept: what was bought is bookkeeping"),
    held("wallet_adjustments", "corrections", "reasons are emptied; what was corrected is bookkeeping"),
    held("fines", "fines", "notes are emptied; the amount is bookkeeping"),
    held(
        "payments",
        "payments",
        "links and the payer's number are emptied; amounts and the provider's references are bookkeeping",
    ),
    held("inbound_events", "provider_events", "the sealed body, which names the payer, is deleted; its key stays"),
    held("accounts", "accounts", "kept: the books must balance, and the owner is a pseudonym"),
    held("entries", "ledger", "kept: the books must balance"),
    held("notifications", "notifications", "the facts are emptied; that something was told stays"),
    held("deliveries", "notifications", "addresses are emptied; what had not left does not"),
    held("operations", "operations", "kept: what was asked for and how it ended, without personal data"),
    held("audit_events", "audit", "personal fields are replaced by a mark; who did what and when stays"),
    held("broadcasts", "broadcasts", "kept: what an organization said to its people is the organization's"),
    held("reports", "reports", "the files they asked for, and those that may name them, are deleted"),
    held("person_exports", "copies", "the documents are deleted"),
    apart(
        "idempotency_keys",
        "repeats of answers shown elsewhere, kept for a week",
        "theirs are deleted, others' emptied",
    ),
    apart(
        "payout_lines",
        "which earnings a payout carried: both are shown as ledger and payments",
        "kept with the books",
    ),
];
