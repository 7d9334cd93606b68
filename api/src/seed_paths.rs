//! Every path of an older paper and the canonical route it means (MODEL §11, CX12, CX22, CX27).
//!
//! A client written for one of these papers needs our base address and our envelope, nothing else. Each path is answered
//! with and without `/api/v1`, by the canonical route itself: [`crate::middleware::older_paths`] rewrites the request
//! before it is routed, so rights, limits, keys and audit are the same. A path that is not here is unknown.
//!
//! Papers: S0 FlexPark, company parking; S1 university lending; S2 shared rides; S3 rooms of a firm with several sites;
//! S4 a hall of game machines.

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
    /// The canonical path after `/api/v1`, with the names of `path` in it; a name it has no place for is a field of the body.
    pub to_path: &'static str,
    /// Whether the canonical path stands at the root instead.
    pub at_root: bool,
    /// What the path says without saying it: canonical query parameters.
    pub query: &'static str,
    /// Fields of the body and of the query under the paper's names, and ours; `a.b` is `b` inside `a`.
    pub fields: &'static [(&'static str, &'static str)],
    /// Values in the paper's words: our field, their word, ours.
    pub words: &'static [(&'static str, &'static str, &'static str)],
    /// What the paper leaves unsaid in a body, or by its own path in the query of a `GET`: our field, and what is meant.
    pub unsaid: &'static [(&'static str, &'static str)],
    /// Whether the paper knows no `Idempotency-Key` where we insist on one: each request is its own then.
    pub keyless: bool,
    /// Whether the paper knows no `If-Match` where we insist on one: the last word counts then.
    pub versionless: bool,
    /// Whether the paper expects a session token, in the answer and in a cookie (C18).
    pub opens_session: bool,
    /// Whether a slash may end the path: the paper writes some with one.
    pub slash: bool,
}

/// The statuses of a booking in S1's words; what is approved there is confirmed here once nothing is due (CX11).
const LENDING_BOOKINGS: &[(&str, &str, &str)] = &[
    ("status", "DRAFT", "draft"),
    ("status", "PENDING", "pending"),
    ("status", "APPROVED", "in:approved,confirmed"),
    ("status", "REJECTED", "rejected"),
    ("status", "CANCELLED", "cancelled"),
    FIRM_STATUSES[0],
    FIRM_STATUSES[1],
    FIRM_STATUSES[2],
    FIRM_STATUSES[3],
    FIRM_STATUSES[4],
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

/// The statuses of a booking in S3's words (G24, CX11).
const FIRM_STATUSES: [(&str, &str, &str); 5] = [
    ("status", "en_cours", "pending"),
    ("status", "confirme", "confirmed"),
    ("status", "annule", "cancelled"),
    ("status", "fini", "completed"),
    ("status", "non_present", "no_show"),
];

/// A person in S3's words (C4).
const FIRM_PEOPLE: &[(&str, &str)] = &[
    ("firstname", "first_name"),
    ("lastname", "last_name"),
    ("nom_utilisateur", "username"),
    ("nom_prenom", "full_name"),
    ("priorite", "priority"),
    ("site_principal_id", "site_id"),
];

/// A site in S3's words (B5).
const FIRM_SITE: &[(&str, &str)] =
    &[("nom", "name"), ("adresse", "address"), ("horaires_ouverture", "open_from"), ("horaires_fermeture", "open_to")];

/// A resource in S3's words (E5), and the filters of its list (E12).
const FIRM_RESOURCE: &[(&str, &str)] = &[
    ("nom", "name"),
    ("type_ressource", "kind"),
    ("type_of_ressource", "kind"),
    ("capacite_maximum", "capacity"),
    ("caracteristiques", "features"),
    ("localisation_batiment", "location.building"),
    ("localisation_etage", "location.floor"),
    ("localisation_numero", "location.room"),
    ("batiment", "building"),
    ("etat", "status"),
    ("disponible", "status"),
    ("horaires_ouverture", "open_from"),
    ("horaires_fermeture", "open_to"),
    ("images", "image_keys"),
    ("tarifs_horaires", "price.major"),
];

/// Its kinds and states in S3's words (E7, CX44), and what its lists are sorted by.
const FIRM_WORDS: &[(&str, &str, &str)] = &[
    ("kind", "salle", "room"),
    ("kind", "equipement", "equipment"),
    ("kind", "vehicule", "vehicle"),
    ("status", "en_maintenance", "maintenance"),
    ("status", "hors_service", "retired"),
    ("status", "true", "active"),
    ("status", "false", "in:maintenance,retired"),
    ("sort_by", "nom", "name"),
    ("sort_by", "capacite", "capacity"),
    ("sort_by", "type", "kind"),
];

/// A promotion in S2's words (M1, CX38).
const RIDE_PROMO: &[(&str, &str)] = &[("type", "effect")];
/// What it does.
const RIDE_EFFECTS: &[(&str, &str, &str)] = &[("effect", "amount", "amount_off"), ("effect", "percent", "percent_off")];

/// Every path of every paper. Where two rows fit, the first is meant.
pub static PATHS: &[SeedPath] = &[
    at("S0 S1 S3", "POST", "/auth/login").fields(&[("email", "identifier")]).opens_session(),
    at("S0 S1 S3", "POST", "/auth/register")
        .fields(FIRM_PEOPLE)
        .words(&[("priority", "prioritaire", "high")])
        .opens_session(),
    at("S0 S1", "GET", "/health").at_root(),
    // S0
    at("S0", "GET", "/parkings").to("GET", "/resources").query("kind=parking"),
    at("S0", "POST", "/parkings")
        .to("POST", "/resources")
        .fields(&[("site_name", "name"), ("address", "attributes.address"), ("total_slots", "unit_count")])
        .unsaid(&[("kind", "parking")]),
    at("S0", "GET", "/parkings/{id}/slots").to("GET", "/resources/{id}/units").query("status_at=now"),
    at("S0", "GET", "/reservations/me").to("GET", "/bookings").query("beneficiary=me"),
    at("S0 S3", "POST", "/reservations")
        .to("POST", "/bookings")
        .fields(&[
            ("slot_id", "unit_id"),
            ("ressource_id", "resource_id"),
            ("user_id", "beneficiary_user_id"),
            ("debut", "start_at"),
            ("fin", "end_at"),
            ("nbr_participants", "participants"),
            ("description", "purpose"),
        ])
        .keyless(),
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
    at("S1", "GET", "/bookings").fields(&[("statut", "status")]).words(LENDING_BOOKINGS),
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
    // S2
    at("S2", "GET", "/wallet/txns").to("GET", "/wallet/transactions"),
    at("S2", "GET", "/admin/wallet/txns/export")
        .to("POST", "/reports")
        .fields(&[("format", "format"), ("from", "from"), ("to", "to")])
        .unsaid(&[("kind", "ledger"), ("account", "wallet")]),
    at("S2", "POST", "/referrals/use").to("POST", "/referrals"),
    at("S2", "GET", "/admin/promos").to("GET", "/promos"),
    at("S2", "POST", "/admin/promos").to("POST", "/promos").fields(RIDE_PROMO).words(RIDE_EFFECTS),
    at("S2", "PATCH", "/admin/promos/{id}").to("PATCH", "/promos/{id}").versionless(),
    // S3
    at("S3", "POST", "/auth/logout"),
    at("S3", "GET", "/auth/me").to("GET", "/me"),
    at("S3", "GET", "/sites").unsaid(&[("limit", "100")]).slash(),
    at("S3", "POST", "/sites").fields(FIRM_SITE).slash(),
    at("S3", "GET", "/sites/{id}").slash(),
    at("S3", "PUT", "/sites/{id}").fields(FIRM_SITE).versionless().slash(),
    at("S3", "DELETE", "/sites/{id}").slash(),
    at("S3", "GET", "/ressources")
        .to("GET", "/resources")
        .fields(FIRM_RESOURCE)
        .words(FIRM_WORDS)
        .unsaid(&[("limit", "100")])
        .slash(),
    at("S3", "POST", "/ressources").to("POST", "/resources").fields(FIRM_RESOURCE).words(FIRM_WORDS).slash(),
    at("S3", "GET", "/ressources/{id}")
        .to("GET", "/resources/{id}")
        .query("include=stats,upcoming,availability")
        .slash(),
    at("S3", "PUT", "/ressources/{id}")
        .to("PUT", "/resources/{id}")
        .fields(FIRM_RESOURCE)
        .words(FIRM_WORDS)
        .versionless()
        .slash(),
    at("S3", "DELETE", "/ressources/{id}").to("DELETE", "/resources/{id}").slash(),
    // S4
    at("S4", "GET", "/tickets/offers").to("GET", "/ticket-offers"),
    at("S4", "POST", "/tickets/purchase").to("POST", "/ticket-purchases").keyless(),
    at("S4", "GET", "/tickets/balance").to("GET", "/wallet").query("currency=TKT"),
    at("S4", "GET", "/tickets/purchase-history").to("GET", "/payments").query("user=me&purpose=purchase"),
    at("S4", "PUT", "/admin/users/{user_id}/tickets").to("POST", "/wallet-adjustments").unsaid(&[("currency", "TKT")]), // not without a key: whoever stands between sends a PUT again by itself
    at("S4", "POST", "/promos/use").to("POST", "/promos/redeem").keyless(),
    at("S4", "GET", "/promos/history").to("GET", "/promos/redemptions").query("user=me"),
    at("S4", "GET", "/admin/promo-codes").to("GET", "/promos"),
    at("S4", "POST", "/admin/promo-codes").to("POST", "/promos").unsaid(&[("effect", "credit"), ("currency", "TKT")]),
];

/// A path that is ours as well, unless `to` says otherwise.
const fn at(papers: &'static str, method: &'static str, path: &'static str) -> SeedPath {
    let (fields, words, unsaid): (&[_], &[_], &[_]) = (&[], &[], &[]);
    SeedPath {
        papers,
        method,
        path,
        to_method: method,
        to_path: path,
        at_root: false,
        query: "",
        fields,
        words,
        unsaid,
        keyless: false,
        versionless: false,
        opens_session: false,
        slash: false,
    }
}

impl SeedPath {
    /// The canonical path from the root.
    #[must_use]
    pub fn canonical(&self) -> String {
        if self.at_root { self.to_path.to_owned() } else { format!("{PREFIX}{}", self.to_path) }
    }

    /// Whether the paper asks in a query what is a body with us.
    #[must_use]
    pub fn asks_in_query(&self) -> bool {
        self.method == "GET" && self.to_method != "GET"
    }

    /// Names in the path that are fields of the body with us.
    pub fn said_by_path(&self) -> impl Iterator<Item = &'static str> {
        let names = self.path.split('/').filter(|part| part.starts_with('{') && !self.to_path.contains(*part));
        names.map(|name| name.trim_matches(['{', '}']))
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

    const fn versionless(self) -> Self {
        Self { versionless: true, ..self }
    }

    const fn opens_session(self) -> Self {
        Self { opens_session: true, ..self }
    }

    const fn slash(self) -> Self {
        Self { slash: true, ..self }
    }
}
