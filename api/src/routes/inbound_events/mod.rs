//! What providers told, and telling it again (★5, ★13).

mod body;
mod list;
mod replay;
mod view;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/inbound-events`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(list::show))
        .routes(routes!(body::body))
        .routes(routes!(replay::replay))
}
