//! Which kind of thing an id names, told from where it stands: `{id}` after `/trips` is one of the trips, `vehicle_id`
//! is one of the vehicles, `unit_ids` are units.

use serde_json::Value;

/// Fields that name a kind by another word than their own.
const BY_ANOTHER_NAME: [(&str, &str); 12] = [
    ("actor", "users"),
    ("actor_id", "users"),
    ("beneficiary", "users"),
    ("beneficiary_id", "users"),
    ("entity_id", "bookings"),
    ("newest", "notifications"),
    ("org_id", "organizations"),
    ("owner_id", "users"),
    ("parking_id", "resources"),
    ("requester", "users"),
    ("subject_id", "bookings"),
    ("ticket_offer_id", "ticket_offers"),
];

/// Fields that end like an id and name nothing that belongs to anybody.
const NO_IDS: [&str; 1] = ["request_id"];

/// Whether a field or parameter takes an id.
pub fn is_id(name: &str, schema: &Value) -> bool {
    if NO_IDS.contains(&name) {
        return false;
    }
    let uuid = schema["format"] == "uuid" || schema["items"]["format"] == "uuid";
    uuid || name.ends_with("_id") || name.ends_with("_ids") || BY_ANOTHER_NAME.iter().any(|(known, _)| *known == name)
}

/// The kind a parameter of a path names: its own word, or the collection it stands in.
pub fn of_path(path: &str, name: &str) -> String {
    if name.ends_with("_id") {
        return of_field(name);
    }
    let before = path.split(&format!("/{{{name}}}")).next().unwrap();
    let collection = before.rsplit('/').find(|part| !part.starts_with('{')).unwrap_or_default();
    match collection {
        "parkings" | "ressources" => "resources".to_owned(),
        "reservations" => "bookings".to_owned(),
        "webhooks" | "wh" => "providers".to_owned(),
        // accounts of the books; `account_id` names one at a provider
        "accounts" if path.contains("/ledger/") => "ledger_accounts".to_owned(),
        // what was said to many; `/me/notifications` are what one person was told
        "notifications" if !path.contains("/me/") => "broadcasts".to_owned(),
        collection => collection.replace('-', "_"),
    }
}

/// The kind a field names: `beneficiary_user_id` is one of the users.
pub fn of_field(name: &str) -> String {
    if let Some((_, kind)) = BY_ANOTHER_NAME.iter().find(|(known, _)| *known == name) {
        return (*kind).to_owned();
    }
    let stem = name.trim_end_matches("_ids").trim_end_matches("_id");
    plural(stem.rsplit('_').next().unwrap_or(stem))
}

fn plural(word: &str) -> String {
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ => format!("{word}s"),
    }
}

#[test]
fn a_kind_is_told_from_where_the_id_stands() {
    for (path, name, kind) in [
        ("/api/v1/trips/{id}/stops", "id", "trips"),
        ("/api/v1/organizations/{id}/members/{user_id}/roles", "user_id", "users"),
        ("/api/v1/organizations/{id}/members/{user_id}/roles", "id", "organizations"),
        ("/api/v1/organizations/{id}/roles/{name}", "name", "roles"),
        ("/api/v1/me/payout-destinations/{id}", "id", "payout_destinations"),
        ("/api/v1/webhooks/{provider}/{account_id}", "provider", "providers"),
        ("/api/v1/parkings/{id}/slots", "id", "resources"),
    ] {
        assert_eq!(of_path(path, name), kind, "{path}");
    }
    for (field, kind) in
        [("beneficiary_user_id", "users"), ("policy_id", "policies"), ("unit_ids", "units"), ("actor", "users")]
    {
        assert_eq!(of_field(field), kind);
    }
}
