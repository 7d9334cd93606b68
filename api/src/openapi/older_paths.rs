//! How the document tells of older paths: as what they mean, and deprecated (MODEL §14.5).

use crate::seed_paths::{PATHS, PREFIX, SeedPath};
use utoipa::openapi::{
    Deprecated, HttpMethod, ObjectBuilder, OpenApi as Document, RefOr, Required, Type,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn},
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
            move_into_address(row, &mut operation);
        }
        explain(row, own_path, &mut operation);
        document.paths.add_path_operation(&older, vec![verb(row.method)], operation);
    }
}

/// What is a field of the body with us, and stands in the path or the query there.
fn move_into_address(row: &SeedPath, operation: &mut Operation) {
    let parameters = operation.parameters.get_or_insert_default();
    let one = |name: &str, place, required, means: &str| {
        let schema = ObjectBuilder::new().schema_type(Type::String).build();
        let description = Some(format!("The field `{means}` of the body"));
        let one = ParameterBuilder::new().name(name).parameter_in(place).required(required).description(description);
        RefOr::T(one.schema(Some(schema)).build())
    };
    parameters.extend(row.said_by_path().map(|name| one(name, ParameterIn::Path, Required::True, name)));
    if row.asks_in_query() {
        operation.request_body = None;
        let fields = row.fields.iter().map(|(theirs, ours)| one(theirs, ParameterIn::Query, Required::False, ours));
        parameters.extend(fields);
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
    let fields = row
        .fields
        .iter()
        .filter(|(theirs, ours)| theirs != ours)
        .map(|(theirs, ours)| format!("`{theirs}` means `{ours}`"));
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
