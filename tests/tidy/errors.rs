//! docs/ERRORS.md lists every code a client can meet, with its status, and no other.

use crate::{expect_complaint, expect_tidy, files};
use domain::refusals::{Class, Refusal};
use http::StatusCode;
use std::collections::{BTreeMap, BTreeSet};

type Codes = BTreeSet<(String, u16)>;

/// `StatusCode::NOT_FOUND` as a number.
fn number(constant: &str) -> u16 {
    let of =
        |status: StatusCode| status.canonical_reason().map(|reason| reason.to_uppercase().replace([' ', '-'], "_"));
    let known = (100..600).filter_map(|code| StatusCode::from_u16(code).ok());
    known.into_iter().find(|status| of(*status).as_deref() == Some(constant)).map_or(0, |status| status.as_u16())
}

/// The status of each class, as the door maps it: `Class::Gone => StatusCode::GONE`.
fn statuses(door: &str) -> BTreeMap<String, u16> {
    door.split("Class::")
        .filter_map(|part| part.split_once(" => StatusCode::"))
        .map(|(class, rest)| (class.to_owned(), number(rest.split(',').next().unwrap_or_default())))
        .collect()
}

/// Codes the door makes itself: `StatusCode::X, "code"`.
fn door_codes(door: &str) -> Codes {
    door.split("StatusCode::")
        .filter_map(|part| part.split_once(", \""))
        .filter(|(constant, _)| constant.chars().all(|c| c == '_' || c.is_ascii_uppercase()))
        .map(|(constant, rest)| (rest.split('"').next().unwrap_or_default().to_owned(), number(constant)))
        .collect()
}

fn refusal_codes(catalogue: &[(&str, Class, &str)], statuses: &BTreeMap<String, u16>) -> Codes {
    let status = |class: &Class| statuses.get(&format!("{class:?}")).copied().unwrap_or_default();
    catalogue.iter().map(|(code, class, _)| ((*code).to_owned(), status(class))).collect()
}

/// Rows of the form ``| `code` | 404 | …``.
fn documented(page: &str) -> Codes {
    page.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .filter_map(|(code, rest)| Some((code.to_owned(), rest.split(' ').next()?.parse().ok()?)))
        .collect()
}

fn differences(in_code: &Codes, in_page: &Codes) -> Vec<String> {
    let missing =
        in_code.difference(in_page).map(|(code, status)| format!("docs/ERRORS.md lacks {code} with {status}"));
    let extra = in_page.difference(in_code).map(|(code, status)| format!("nothing answers {code} with {status}"));
    missing.chain(extra).collect()
}

#[test]
fn the_catalogue_of_errors_is_complete() {
    let door = files::read("api/src/error.rs");
    let mut in_code = refusal_codes(Refusal::CATALOGUE, &statuses(&door));
    in_code.extend(door_codes(&door));
    assert!(in_code.len() > 30, "{in_code:?}");
    expect_tidy(&differences(&in_code, &documented(&files::read("docs/ERRORS.md"))));
}

#[test]
fn a_forgotten_code_is_seen() {
    let door = "Class::Gone => StatusCode::GONE,\n (StatusCode::METHOD_NOT_ALLOWED, \"method_not_allowed\", \"…\")";
    let mut in_code = refusal_codes(&[("hold_expired", Class::Gone, "")], &statuses(door));
    in_code.extend(door_codes(door));
    let page = "| code | status |\n|---|---|\n| `hold_expired` | 409 | text |\n| `gone` | 410 | text |";
    let complaints = differences(&in_code, &documented(page));
    assert_eq!(complaints.len(), 4, "{complaints:?}");
    expect_complaint(&complaints, "lacks hold_expired with 410");
    expect_complaint(&complaints, "lacks method_not_allowed with 405");
    expect_complaint(&complaints, "nothing answers gone with 410");
}
