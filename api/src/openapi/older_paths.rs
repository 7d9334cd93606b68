//! How the document tells of older paths: as what they mean, and deprecated (MODEL §14.5).

use crate::seed_paths::{PATHS, PREFIX, SeedPath};
use utoipa::openapi::{
    Deprecated, HttpMethod, OpenApi as Document, RefOr, Required,
    path::{Operation, Parameter},
};

/// Describes every row of the page: a path of its own as a deprecated operation, words of a path that is ours as well
/// where it is described already. What stands at the root is described there.
///
/// # Panics
/// When a row leads to a route that is not described: it would be answered with 404.
pub fn describe(document: &mut Document) {
    for row in PATHS.iter().filter(|row| !row.at_root) {
        let (canonical, older) = (row.canonical(), format!("{PREFIX}{}", row.path));
        let meant = document.paths.get_path_operation(&canonical, verb(row.to_method));
        let mut operation = meant.cloned().unwrap_or_else(|| panic!("{} {canonical} is no route", row.to_method));
        let own_path = older != canonical;
        if own_path {
            operation.deprecated = Some(Deprecated::True);
            operation.parameters.iter_mut().flatten().for_each(|parameter| loosen(row, parameter));
            let says = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(one) if is_said(row, &one.name));
            operation.parameters.iter_mut().for_each(|parameters| parameters.retain(|one| !says(one)));
        }
        explain(row, own_path, &mut operation);
        document.paths.add_path_operation(&older, vec![verb(row.method)], operation);
    }
}

/// Whether the path says this parameter of the query itself.
fn is_said(row: &SeedPath, name: &str) -> bool {
    row.query.split('&').any(|pair| pair.split('=').next() == Some(name))
}

fn loosen(row: &SeedPath, parameter: &mut RefOr<Parameter>) {
    if let RefOr::T(one) = parameter
        && (row.keyless && one.name == "Idempotency-Key" || row.versionless && one.name == "If-Match")
    {
        one.required = Required::False;
    }
}

fn explain(row: &SeedPath, own_path: bool, operation: &mut Operation) {
    let mut told: Vec<String> = operation.description.take().into_iter().collect();
    if own_path {
        let mark = if row.query.is_empty() { "" } else { "?" };
        let meant = format!("{} {}{mark}{}", row.to_method, row.canonical(), row.query);
        let slash = if row.slash { ", also with a slash at its end" } else { "" };
        told.push(format!("Older path of {}{slash}: the same as `{meant}`; use that.", row.papers));
    }
    let fields = row.fields.iter().map(|(theirs, ours)| format!("`{theirs}` means `{ours}`"));
    let words = row.words.iter().map(|(field, theirs, ours)| format!("`{field}` `{theirs}` means `{ours}`"));
    let unsaid = row.unsaid.iter().map(|(field, meant)| format!("`{field}` is `{meant}` unless told"));
    let all: Vec<String> = fields.chain(words).chain(unsaid).collect();
    if !all.is_empty() {
        told.push(format!("Of older clients: {}.", all.join(", ")));
    }
    operation.description = Some(told.join("\n\n")).filter(|text| !text.is_empty());
}

fn verb(method: &str) -> HttpMethod {
    match method {
        "GET" => HttpMethod::Get,
        "PUT" => HttpMethod::Put,
        "POST" => HttpMethod::Post,
        "DELETE" => HttpMethod::Delete,
        "PATCH" => HttpMethod::Patch,
        other => panic!("{other} is no method of a route"),
    }
}
