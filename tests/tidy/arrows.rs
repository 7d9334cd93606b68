//! Which room may know which (docs/ARCHITECTURE.md, "The arrows"), read from the manifests by cargo itself.

use crate::{expect_complaint, expect_tidy, files};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

/// Exactly these arrows between our own crates. `tests` may know everybody.
const ARROWS: [(&str, &[&str]); 8] = [
    ("api", &["domain", "integrations", "runtime"]),
    ("domain", &["queue"]),
    ("integrations", &["domain"]),
    ("queue", &[]),
    ("runtime", &[]),
    ("sandbox", &["integrations", "runtime"]),
    ("scheduler", &["domain", "runtime"]),
    ("worker", &["domain", "integrations", "queue", "runtime"]),
];

/// Libraries that belong to some rooms only, and why.
const ONLY_IN: [(&str, &[&str], &str); 9] = [
    ("apalis", &["queue"], "the choice of queue library is one room's problem"),
    ("apalis-core", &["queue"], "the choice of queue library is one room's problem"),
    ("reqwest", &["integrations", "sandbox", "tests"], "only the wires dial out"),
    ("lettre", &["integrations"], "only the wires send mail"),
    ("sqlx", &["domain", "queue", "runtime", "api", "tests"], "SQL is written where the rule is"),
    ("axum", &["api", "runtime", "sandbox", "scheduler", "worker", "tests"], "rules and wires know no doors"),
    ("http", &["api", "integrations", "tests"], "rules hold no HTTP type"),
    ("utoipa", &["api"], "only the doors describe themselves"),
    ("croner", &["scheduler"], "only the clock knows when"),
];

/// crate → the crates it names, with tests' and builds' needs marked.
type Manifests = BTreeMap<String, Vec<(String, bool)>>;

/// The workspace as cargo reads it.
pub fn metadata() -> Value {
    let asked = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(files::root())
        .output()
        .unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    serde_json::from_slice(&asked.stdout).unwrap()
}

/// The crates of the workspace.
pub fn members() -> BTreeSet<String> {
    manifests(&metadata()).into_keys().collect()
}

/// The programs of the workspace.
pub fn programs() -> BTreeSet<String> {
    let metadata = metadata();
    let targets =
        metadata["packages"].as_array().unwrap().iter().flat_map(|package| package["targets"].as_array().unwrap());
    targets
        .filter(|target| target["kind"][0] == "bin")
        .map(|target| target["name"].as_str().unwrap().to_owned())
        .collect()
}

fn manifests(metadata: &Value) -> Manifests {
    let packages = metadata["packages"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    packages
        .iter()
        .map(|package| {
            let needs = package["dependencies"].as_array().unwrap();
            let needs = needs.iter().map(|need| (text(&need["name"]), need["kind"].is_null())).collect();
            (text(&package["name"]), needs)
        })
        .collect()
}

fn wrong_arrows(manifests: &Manifests) -> Vec<String> {
    let mut complaints = Vec::new();
    let rooms: BTreeSet<&str> = manifests.keys().map(String::as_str).collect();
    let planned: BTreeSet<&str> = ARROWS.iter().map(|(room, _)| *room).chain(["tests"]).collect();
    if rooms != planned {
        complaints.push(format!("the rooms are {rooms:?}, the plan says {planned:?}"));
    }
    for (room, allowed) in ARROWS {
        let Some(needs) = manifests.get(room) else { continue };
        let ours: BTreeSet<&str> = needs
            .iter()
            .filter(|(_, shipped)| *shipped)
            .map(|(name, _)| name.as_str())
            .filter(|name| rooms.contains(name))
            .collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        for extra in ours.difference(&allowed) {
            complaints.push(format!("{room} must not know {extra}"));
        }
        for unused in allowed.difference(&ours) {
            complaints.push(format!("{room} no longer knows {unused}: correct the plan"));
        }
    }
    complaints
}

fn misplaced_libraries(manifests: &Manifests) -> Vec<String> {
    let mut complaints = Vec::new();
    for (room, needs) in manifests {
        for (library, _) in needs {
            let owner = ONLY_IN.iter().find(|(name, ..)| name == library);
            if let Some((_, rooms, why)) = owner.filter(|(_, rooms, _)| !rooms.contains(&room.as_str())) {
                complaints.push(format!("{room} uses {library}, which belongs to {rooms:?}: {why}"));
            }
        }
    }
    complaints
}

#[test]
fn arrows_point_as_planned() {
    let manifests = manifests(&metadata());
    expect_tidy(&wrong_arrows(&manifests));
    expect_tidy(&misplaced_libraries(&manifests));
}

#[test]
fn a_wrong_arrow_is_seen() {
    let needs = |names: &[&str]| names.iter().map(|name| json!({ "name": name, "kind": null })).collect::<Vec<_>>();
    let manifests = manifests(&json!({ "packages": [
        { "name": "worker", "dependencies": needs(&["domain", "queue", "runtime", "api"]) },
        { "name": "api", "dependencies": needs(&["domain", "integrations", "runtime", "apalis-core"]) },
        { "name": "integrations", "dependencies": [{ "name": "axum", "kind": "dev" }] },
        { "name": "utils", "dependencies": [] },
    ]}));
    let complaints = wrong_arrows(&manifests);
    expect_complaint(&complaints, "worker must not know api");
    expect_complaint(&complaints, "worker no longer knows integrations");
    expect_complaint(&complaints, "\"utils\"");
    let complaints = misplaced_libraries(&manifests);
    expect_complaint(&complaints, "api uses apalis-core");
    expect_complaint(&complaints, "integrations uses axum");
}
