//! Requests written for an older paper, put into our words before they are routed (MODEL §11, CX22, CX27).
//! [`crate::seed_paths`] says which paths those are and what they mean.

use crate::seed_paths::{PATHS, PREFIX, SeedPath};
use axum::{body::Bytes, extract::Request, middleware::Next, response::Response};
use domain::ids::OperationId;
use http::{HeaderName, HeaderValue, Method, Uri, header, uri::PathAndQuery};
use serde_json::{Map, Value};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The row a request came by, and what the path and the query of the paper say that a body says with us: the body is still
/// in the paper's words.
#[derive(Debug, Clone)]
pub struct Older(&'static SeedPath, Map<String, Value>);

/// The row of a request that came by the paper's own path: what the paper does not know is not asked of it.
#[derive(Debug, Clone, Copy)]
pub struct ByOwnPath(pub &'static SeedPath);

/// Sends a request to the route its path means. Whatever is asked of the canonical address itself keeps to our rules;
/// only the words of its fields may be the paper's.
pub async fn rewrite(mut request: Request, next: Next) -> Response {
    if let Some((row, path, mut said)) = find(request.method(), request.uri().path())
        && let moved = path != request.uri().path()
        && let Some(uri) = address(row, &path, request.uri(), moved)
    {
        if row.asks_in_query() {
            said.extend(pairs(row, request.uri()));
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if row.keyless && moved && !request.headers().contains_key(KEY) {
            let key = HeaderValue::from_str(&OperationId::new().to_string());
            request.headers_mut().extend(key.ok().map(|key| (KEY, key)));
        }
        if request.method() != Method::HEAD {
            *request.method_mut() = Method::from_bytes(row.to_method.as_bytes()).unwrap_or_default();
        }
        *request.uri_mut() = uri;
        request.extensions_mut().insert(Older(row, said));
        if moved {
            request.extensions_mut().insert(ByOwnPath(row));
        }
    }
    next.run(request).await
}

/// The first row that fits, the canonical path with the request's own parts in it, and those parts it has no place for.
fn find(method: &Method, path: &str) -> Option<(&'static SeedPath, String, Map<String, Value>)> {
    let asked = path.strip_prefix(PREFIX).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let looks = method == Method::HEAD;
    let method = if looks { "GET" } else { method.as_str() };
    // whoever only looks has nothing made
    PATHS.iter().filter(|row| row.method == method && !(looks && row.asks_in_query())).find_map(|row| {
        let (path, said) = filled(row, asked)?;
        Some((row, path, said))
    })
}

fn filled(row: &SeedPath, asked: &str) -> Option<(String, Map<String, Value>)> {
    let asked = if row.slash { asked.strip_suffix('/').unwrap_or(asked) } else { asked };
    let (mut path, mut said) = (row.canonical(), Map::new());
    let (mut wanted, mut given) = (row.path.split('/'), asked.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some((path, said)),
            (Some(name), Some(part)) if name.starts_with('{') && !part.is_empty() => match path.contains(name) {
                true => path = path.replace(name, part),
                false => drop(said.insert(name.trim_matches(['{', '}']).to_owned(), part.into())),
            },
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return None,
        }
    }
}

fn address(row: &SeedPath, path: &str, asked: &Uri, moved: bool) -> Option<Uri> {
    let own = asked.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !row.asks_in_query());
    let mut pairs: Vec<String> = Some(row.query.to_owned())
        .into_iter()
        .filter(|pair| !pair.is_empty())
        .chain(own.map(|pair| parameter(row, pair)))
        .collect();
    let unsaid = row.unsaid.iter().filter(|_| moved && row.method == "GET" && !row.asks_in_query());
    for (name, meant) in unsaid {
        if pairs.iter().all(|pair| pair.split('=').next() != Some(name)) {
            pairs.push(format!("{name}={meant}"));
        }
    }
    let text = if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) };
    let mut parts = asked.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

/// A query as the fields of a body, in our words.
fn pairs(row: &SeedPath, asked: &Uri) -> Vec<(String, Value)> {
    let own = asked.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let said = own.map(|pair| parameter(row, pair));
    said.filter_map(|pair| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.into()))).collect()
}

/// One parameter of a query in our words.
fn parameter(row: &SeedPath, pair: &str) -> String {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let name = row.fields.iter().find(|(theirs, _)| *theirs == name).map_or(name, |(_, ours)| ours);
    let same = |(field, theirs, _): &&(&str, &str, &str)| *field == name && *theirs == value;
    let value = row.words.iter().find(same).map_or(value, |(_, _, ours)| ours);
    format!("{name}={value}")
}

impl Older {
    /// The body in our words. What is no JSON object, and what says a thing in both ways, stays as it came: the route
    /// refuses it with the words of whoever sent it.
    #[must_use]
    pub fn body(&self, sent: Bytes) -> Bytes {
        let Self(row, said) = self;
        let mut body = match serde_json::from_slice(&sent) {
            Ok(Value::Object(body)) => body,
            Err(_) if sent.is_empty() && row.asks_in_query() => Map::new(),
            _ => return sent,
        };
        let mut changed = !said.is_empty();
        for (theirs, ours) in row.fields {
            if place(&mut body, ours).is_none()
                && let Some(value) = body.remove(*theirs)
            {
                // nothing said of a part says nothing of the whole
                if !(value.is_null() && ours.contains('.')) {
                    put(&mut body, ours, value);
                }
                changed = true;
            }
        }
        for (field, theirs, ours) in row.words {
            if let Some(value) = place(&mut body, field).filter(|value| **value == *theirs) {
                *value = (*ours).into();
                changed = true;
            }
        }
        for (field, meant) in row.unsaid {
            let whole = field.split('.').next().unwrap_or(field);
            if place(&mut body, whole).is_none() {
                put(&mut body, field, (*meant).into());
                changed = true;
            }
        }
        // what the address says otherwise than the body comes twice, and the route refuses that
        let (otherwise, said): (Map<_, _>, Map<_, _>) = said
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .partition(|(name, value)| body.get(name).is_some_and(|own| own != value));
        body.extend(said);
        let ours = changed.then(|| serde_json::to_string(&body).ok()).flatten();
        let Some(ours) = ours else { return sent };
        let both = serde_json::to_string(&otherwise).ok().filter(|_| !otherwise.is_empty());
        both.map_or(ours.clone(), |both| format!("{},{}", both.trim_end_matches('}'), &ours[1..])).into()
    }
}

fn place<'b>(body: &'b mut Map<String, Value>, field: &str) -> Option<&'b mut Value> {
    match field.split_once('.') {
        Some((whole, part)) => body.get_mut(whole)?.get_mut(part),
        None => body.get_mut(field),
    }
}

fn put(body: &mut Map<String, Value>, field: &str, value: Value) {
    match field.split_once('.') {
        Some((whole, part)) => {
            let inside = body.entry(whole).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inside) = inside {
                inside.insert(part.to_owned(), value);
            }
        }
        None => {
            body.insert(field.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const EVERYTHING: SeedPath = SeedPath {
        papers: "S9",
        method: "PUT",
        path: "/lieux/{id}/",
        to_method: "PATCH",
        to_path: "/sites/{id}",
        at_root: false,
        query: "explain=true",
        fields: &[("nom", "name"), ("rue", "attributes.address")],
        words: &[("status", "FERME", "retired")],
        unsaid: &[("kind", "room"), ("audience.type", "everybody")],
        keyless: false,
        versionless: false,
        opens_session: false,
        slash: false,
    };

    fn body(sent: &Value) -> Value {
        serde_json::from_slice(&Older(&EVERYTHING, Map::new()).body(sent.to_string().into())).unwrap()
    }

    #[test]
    fn a_path_fits_whole_or_not_at_all() {
        let path = |row, asked: &str| filled(row, asked).map(|(path, _)| path);
        assert_eq!(path(&EVERYTHING, "/lieux/7/").as_deref(), Some("/api/v1/sites/7"));
        for other in ["/lieux/7", "/lieux//", "/lieux/7/8/", "/lieux/7//", "/Lieux/7/", "lieux/7/", "/"] {
            assert_eq!(path(&EVERYTHING, other), None, "{other}");
        }
    }

    #[test]
    fn every_row_is_found_by_its_own_path() {
        for row in PATHS {
            for path in [row.path.to_owned(), format!("{PREFIX}{}", row.path)] {
                let (found, ..) = find(&Method::from_bytes(row.method.as_bytes()).unwrap(), &path).unwrap();
                assert!(std::ptr::eq(found, row), "{} {} is hidden behind {found:?}", row.method, row.path);
            }
        }
    }

    #[test]
    fn a_query_is_put_into_our_words() {
        let asked =
            |uri: &str| address(&EVERYTHING, "/api/v1/sites/7", &uri.parse().unwrap(), true).unwrap().to_string();
        assert_eq!(asked("/x"), "/api/v1/sites/7?explain=true");
        assert_eq!(asked("/x?nom=A%26B&page=2&&q"), "/api/v1/sites/7?explain=true&name=A%26B&page=2&q=");
        assert_eq!(asked("http://a.test/x?status=FERME"), "http://a.test/api/v1/sites/7?explain=true&status=retired");
    }

    #[test]
    fn a_slash_may_end_a_path_where_the_paper_writes_one_and_its_page_has_its_own_size() {
        let row = SeedPath {
            method: "GET",
            to_method: "GET",
            path: "/lieux",
            to_path: "/sites",
            query: "",
            slash: true,
            unsaid: &[("limit", "100")],
            ..EVERYTHING
        };
        for path in ["/lieux", "/lieux/"] {
            assert_eq!(filled(&row, path).map(|(path, _)| path).as_deref(), Some("/api/v1/sites"));
        }
        assert_eq!(filled(&row, "/lieux//"), None);
        let asked =
            |uri: &str, moved| address(&row, "/api/v1/sites", &uri.parse().unwrap(), moved).unwrap().to_string();
        assert_eq!(asked("/lieux/?offset=5", true), "/api/v1/sites?offset=5&limit=100");
        assert_eq!(asked("/lieux?limit=7", true), "/api/v1/sites?limit=7");
        assert_eq!(asked("/api/v1/sites?page=2", false), "/api/v1/sites?page=2");
    }

    #[test]
    fn what_a_path_or_a_query_says_is_said_in_the_body_where_that_is_its_place() {
        let row = SeedPath { to_method: "POST", to_path: "/halls", unsaid: &[("kind", "room")], ..EVERYTHING };
        let (path, said) = filled(&row, "/lieux/7/").unwrap();
        assert_eq!((path.as_str(), &said), ("/api/v1/halls", &json!({ "id": "7" }).as_object().unwrap().clone()));
        let body = |sent: &'static str| {
            let ours = Older(Box::leak(Box::new(SeedPath { ..row })), said.clone()).body(sent.into());
            serde_json::from_slice::<Value>(&ours).unwrap_or_default()
        };
        assert_eq!(body("{\"nom\":\"A\",\"id\":\"7\"}"), json!({ "name": "A", "id": "7", "kind": "room" }));
        let other = Older(Box::leak(Box::new(SeedPath { ..row })), said.clone()).body("{\"id\":\"8\"}".into());
        assert_eq!(other, "{\"id\":\"7\",\"id\":\"8\",\"kind\":\"room\"}", "a field that comes twice is refused");
        assert_eq!(body(""), Value::Null, "a body that is missing is missing");
        let asked = SeedPath { method: "GET", query: "", ..row };
        let uri: Uri = "/lieux/7/?nom=A&status=FERME".parse().unwrap();
        assert_eq!(address(&asked, "/api/v1/halls", &uri, true).unwrap().to_string(), "/api/v1/halls");
        let said: Map<String, Value> = pairs(&asked, &uri).into_iter().collect();
        let ours = Older(Box::leak(Box::new(asked)), said).body(Bytes::new());
        assert_eq!(
            serde_json::from_slice::<Value>(&ours).unwrap(),
            json!({ "name": "A", "status": "retired", "kind": "room" })
        );
    }

    #[test]
    fn a_body_is_put_into_our_words() {
        let sent = json!({ "nom": "Plateau", "rue": "12 av. Chardy", "status": "FERME", "note": null });
        let ours = json!({ "name": "Plateau", "attributes": { "address": "12 av. Chardy" }, "status": "retired",
                           "note": null, "kind": "room", "audience": { "type": "everybody" } });
        assert_eq!(body(&sent), ours);
        assert_eq!(body(&ours), ours, "our own words stay");
        // what the client says itself is not added to, and what it says twice is for the route to refuse
        let told = json!({ "kind": "parking", "audience": { "role": "staff" }, "name": "a", "nom": "b" });
        assert_eq!(body(&told), told);
        for odd in ["", "{", "[]", "null", "{\"nom\":1e999}"] {
            assert_eq!(Older(&EVERYTHING, Map::new()).body(odd.into()), odd);
        }
    }
}
