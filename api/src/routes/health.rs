//! Health and figures. The runtime serves them on every binary; here they are only described (CX29).

use utoipa::{OpenApi, openapi::OpenApi as Document};

#[derive(OpenApi)]
#[openapi(paths(plain, live, ready, figures))]
struct Described;

/// What the document says about the runtime's routes.
#[must_use]
pub fn document() -> Document {
    Described::openapi()
}

/// Up?
#[utoipa::path(get, path = "/health", tag = "platform", security(()), responses((status = 200, description = "`ok`")))]
#[allow(dead_code)]
fn plain() {}

/// Is the process alive?
#[utoipa::path(get, path = "/health/live", tag = "platform", security(()), responses((status = 200, description = "Alive")))]
#[allow(dead_code)]
fn live() {}

/// May it have traffic?
#[utoipa::path(get, path = "/health/ready", tag = "platform", security(()), responses(
    (status = 200, description = "Ready"),
    (status = 503, description = "Not ready; names what is not"),
))]
#[allow(dead_code)]
fn ready() {}

/// Figures for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "platform", security(()), responses((status = 200, description = "Prometheus text format")))]
#[allow(dead_code)]
fn figures() {}
