//! Every path of an older paper and the canonical route it means (MODEL §11, CX12, CX22, CX27).
//!
//! A client written for one of these papers needs our base address and our envelope, nothing else. Each path is answered
//! with and without `/api/v1`, by the canonical route itself: [`crate::middleware::older_paths`] rewrites the request
//! before it is routed, so rights, limits, keys and audit are the same. A path that is not here is unknown.
//!
//! Papers: S0 FlexPark, company parking; S1 university lending.

/// Where the canonical routes stand.
pub const PREFIX: &str = "/api/v1";

/// One path of a paper.
#[derive(Debug)]
pub struct SeedPath {
    /// Whose.
    pub papers: &'static str,
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// As the paper writes it, a slash at its end included.
    pub path: &'static str,
    /// The canonical method.
    pub to_method: &'static str,
    /// The canonical path after `/api/v1`, with the names of `path` in it.
    pub to_path: &'static str,
    /// Whether the canonical path stands at the root instead.
    pub at_root: bool,
    /// What the path says without saying it: canonical query parameters.
    pub query: &'static str,
    /// Fields of the body and of the query under the paper's names, and ours; `a.b` is `b` inside `a`.
    pub fields: &'static [(&'static str, &'static str)],
    /// Values in the paper's words: our field, their word, ours.
    pub words: &'static [(&'static str, &'static str, &'static str)],
    /// What the paper leaves unsaid in a body: our field, and what is meant.
    pub unsaid: &'static [(&'static str, &'static str)],
    /// Whether the paper knows no `Idempotency-Key` where we insist on one: each request is its own then.
    pub keyless: bool,
}

/// The statuses of a booking in S1's words; what is approved there is confirmed here once nothing is due (CX11).
const LENDING_BOOKINGS: &[(&str, &str, &str)] = &[
    ("status", "DRAFT", "draft"),
    ("status", "PENDING", "pending"),
    ("status", "APPROVED", "in:approved,confirmed"),
    ("status", "REJECTED", "rejected"),
    ("status", "CANCELLED", "cancelled"),
];

/// The statuses of an entry of the waitlist in S1's words (H1).
const LENDING_ENTRIES: &[(&str, &str, &str)] = &[
    ("status", "WAITING", "waiting"),
    ("status", "OFFERED", "offered"),
    ("status", "ACCEPTED", "accepted"),
    ("status", "EXPIRED", "expired"),
    ("status", "CANCELLED", "cancelled"),
];

/// The statuses of a resource in S1's words (CX44).
const LENDING_RESOURCES: &[(&str, &str, &str)] =
    &[("status", "AVAILABLE", "active"), ("status", "MAINTENANCE", "maintenance"), ("status", "DISABLED", "retired")];

/// Every path of every paper. Where two rows fit, the first is meant.
pub static PATHS: &[SeedPath] = &[
    at("S0 S1", "POST", "/auth/login").fields(&[("email", "identifier")]),
    at("S0 S1", "POST", "/auth/register").fields(&[("firstname", "first_name"), ("lastname", "last_name")]),
    at("S0 S1", "GET", "/health").at_root(),
    // S0
    at("S0", "GET", "/parkings").to("GET", "/resources").query("kind=parking"),
    at("S0", "POST", "/parkings")
        .to("POST", "/resources")
        .fields(&[("site_name", "name"), ("address", "attributes.address"), ("total_slots", "unit_count")])
        .unsaid(&[("kind", "parking")]),
    at("S0", "GET", "/parkings/{id}/slots").to("GET", "/resources/{id}/units").query("status_at=now"),
    at("S0", "GET", "/reservations/me").to("GET", "/bookings").query("beneficiary=me"),
    at("S0", "POST", "/reservations").to("POST", "/bookings").fields(&[("slot_id", "unit_id")]).keyless(),
    at("S0", "DELETE", "/reservations/{id}").to("DELETE", "/bookings/{id}"),
    at("S0", "POST", "/notifications/send")
        .to("POST", "/notifications")
        .fields(&[("title", "subject"), ("message", "body")])
        .unsaid(&[("audience.type", "everybody")])
        .keyless(),
    // S1
    at("S1", "POST", "/auth/refresh"),
    at("S1", "GET", "/resources"),
    at("S1", "POST", "/resources").fields(&[("type", "kind")]).words(LENDING_RESOURCES),
    at("S1", "GET", "/resources/{id}"),
    at("S1", "PATCH", "/resources/{id}").words(LENDING_RESOURCES),
    at("S1", "DELETE", "/resources/{id}"),
    at("S1", "POST", "/resources/{id}/restore"),
    at("S1", "POST", "/bookings"),
    at("S1", "GET", "/bookings").words(LENDING_BOOKINGS),
    at("S1", "GET", "/bookings/{id}"),
    at("S1", "PATCH", "/bookings/{id}"),
    at("S1", "POST", "/bookings/{id}/cancel"),
    at("S1", "POST", "/bookings/{id}/approve"),
    at("S1", "POST", "/bookings/{id}/reject"),
    at("S1", "POST", "/waitlist").keyless(),
    at("S1", "GET", "/waitlist").words(LENDING_ENTRIES),
    at("S1", "POST", "/waitlist/{id}/offer"),
    at("S1", "POST", "/waitlist/{id}/accept"),
    at("S1", "POST", "/waitlist/{id}/expire"),
    at("S1", "POST", "/waitlist/{id}/refuse"),
    at("S1", "POST", "/waitlist/{id}/propose"),
    at("S1", "POST", "/fines/payments").unsaid(&[("method", "wave")]),
    at("S1", "GET", "/audit"),
];

/// A path that is ours as well, unless `to` says otherwise.
const fn at(papers: &'static str, method: &'static str, path: &'static str) -> SeedPath {
    let (fields, words, unsaid): (&[_], &[_], &[_]) = (&[], &[], &[]);
    let (to_method, to_path, at_root, query, keyless) = (method, path, false, "", false);
    SeedPath { papers, method, path, to_method, to_path, at_root, query, fields, words, unsaid, keyless }
}

impl SeedPath {
    /// The canonical path from the root.
    #[must_use]
    pub fn canonical(&self) -> String {
        if self.at_root { self.to_path.to_owned() } else { format!("{PREFIX}{}", self.to_path) }
    }

    const fn to(self, to_method: &'static str, to_path: &'static str) -> Self {
        Self { to_method, to_path, ..self }
    }

    const fn at_root(self) -> Self {
        Self { at_root: true, ..self }
    }

    const fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    const fn fields(self, fields: &'static [(&'static str, &'static str)]) -> Self {
        Self { fields, ..self }
    }

    const fn words(self, words: &'static [(&'static str, &'static str, &'static str)]) -> Self {
        Self { words, ..self }
    }

    const fn unsaid(self, unsaid: &'static [(&'static str, &'static str)]) -> Self {
        Self { unsaid, ..self }
    }

    const fn keyless(self) -> Self {
        Self { keyless: true, ..self }
    }
}
