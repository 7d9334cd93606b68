//! The OpenAPI 3.1 document, generated from the routes, and the page to browse it (T18, CX28).

mod older_paths;
pub mod params;

use crate::{App, envelope::ErrorBody, routes};
use axum::{
    Router,
    body::Bytes,
    extract::Request,
    middleware::{Next, from_fn},
    response::{Redirect, Response},
    routing::get,
};
use http::{HeaderValue, header};
use utoipa::{
    OpenApi, PartialSchema, ToSchema,
    openapi::{
        Components, ContentBuilder, OpenApi as Document, RefOr, ResponseBuilder, SecurityRequirement,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        schema::{ObjectBuilder, Ref, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// Where the document is.
pub const DOCUMENT_PATH: &str = "/api/openapi.json";
/// Where it can be browsed.
pub const PAGES_PATH: &str = "/api/docs";

/// The bundled pages run their own scripts and set their own styles; nothing is fetched from outside.
const PAGES_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const BEARER: &str = "bearer";
const ERROR: &str = "Error";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Teranga",
        description = "Reservations and payments on durable jobs.\n\nEvery answer is `{data, meta}` or `{error: {code, \
                       message, details}}`; act on `code`. Sign in at `/auth/login`, then send the access token as \
                       `Authorization: Bearer …` and the organization's id or slug as `X-Org-Id`. Amounts are whole \
                       numbers of minor units. Instants are UTC.\n\nOperations marked as deprecated are paths of older \
                       clients; those are also answered without `/api/v1`."
    ),
    tags(
        (name = "access", description = "Signing up, signing in, sessions"),
        (name = "me", description = "The signed-in person"),
        (name = "organizations", description = "Tenants, their settings and members"),
        (name = "people", description = "Who belongs to an organization"),
        (name = "oversight", description = "Who changed what"),
        (name = "kyc", description = "Review of identity documents"),
        (name = "inventory", description = "What can be booked: sites, resources, units, tags, rules"),
        (name = "trips", description = "Vehicles and rides"),
        (name = "bookings", description = "Seats on rides, from request to arrival"),
        (name = "calendars", description = "Calendars of others: subscribing and handing over"),
        (name = "waitlist", description = "Waiting for what is not free, offers, and why"),
        (name = "money", description = "Payments, payouts, provider webhooks"),
        (name = "messages", description = "Messages to many people"),
        (name = "work", description = "Long work to wait on"),
        (name = "operators", description = "Queues and promises"),
        (name = "platform", description = "Health and figures of the process")
    )
)]
struct Frame;

/// Every ordinary route, and the document of all of them.
pub fn collect() -> (Router<App>, Document) {
    let (routes, mut document) =
        OpenApiRouter::with_openapi(Frame::openapi()).nest("/api/v1", routes::all()).split_for_parts();
    document.merge(routes::webhooks::document());
    document.merge(routes::callbacks::document());
    document.merge(routes::health::document());
    older_paths::describe(&mut document);
    finish(&mut document);
    (routes, document)
}

/// The document and its pages, and the older paths that lead there.
pub fn pages(document: &Document) -> Router {
    let json = Bytes::from(document.to_json().expect("the document is plain data"));
    let serve = async move || ([(header::CONTENT_TYPE, "application/json")], json);
    let to_pages = async || Redirect::permanent("/api/docs/");
    let config = Config::from(DOCUMENT_PATH);
    Router::from(SwaggerUi::new(PAGES_PATH).config(config))
        .layer(from_fn(relax))
        .route(DOCUMENT_PATH, get(serve))
        .route("/docs", get(to_pages))
        .route("/redoc", get(to_pages))
        .route("/openapi.json", get(async || Redirect::permanent(DOCUMENT_PATH)))
}

async fn relax(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, PAGES_POLICY);
    response
}

/// What holds for every route is said here once: errors, sign-in, the organization's header.
fn finish(document: &mut Document) {
    document.security = Some(vec![SecurityRequirement::new::<_, _, &str>(BEARER, [])]);
    document.components = Some(common(document.components.take().unwrap_or_default()));
    for (path, item) in &mut document.paths.paths {
        let for_clients = path.starts_with("/api/v1/") && !path.starts_with("/api/v1/webhooks/");
        for (method, operation) in operations(item) {
            operation.operation_id = Some(operation_id(method, path));
            let error = RefOr::Ref(Ref::from_response_name(ERROR));
            operation.responses.responses.entry("default".to_owned()).or_insert(error);
            if for_clients {
                operation.parameters.get_or_insert_default().push(RefOr::T(org_header()));
            }
        }
    }
}

fn common(mut components: Components) -> Components {
    let mut schemas = Vec::new();
    ErrorBody::schemas(&mut schemas);
    schemas.push((ErrorBody::name().into_owned(), ErrorBody::schema()));
    components.schemas.extend(schemas);
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name(ErrorBody::name()))).build();
    let error = ResponseBuilder::new()
        .description("Why not. `code` is stable; the catalogue is docs/ERRORS.md.")
        .content("application/json", body);
    components.responses.insert(ERROR.to_owned(), error.build().into());
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    components
}

fn org_header() -> Parameter {
    ParameterBuilder::new()
        .name("X-Org-Id")
        .parameter_in(ParameterIn::Header)
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some(
            "The organization, by id or slug. Needed when you belong to several or are not signed in, unless the host \
             says it: `slug.` before ours.",
        ))
        .example(Some("demo".into()))
        .build()
}

/// Generators of clients make a function of it, so no two may share one: `post_trips_id_publish`.
fn operation_id(method: &str, path: &str) -> String {
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    let all = [("get", get), ("put", put), ("post", post), ("delete", delete), ("patch", patch)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}
