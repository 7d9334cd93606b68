//! For operators: promises and queues (★2, ★17; QUEUE promise 9).

mod invariants;
mod jobs;
mod queues;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/ops`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(invariants::list))
        .routes(routes!(queues::list))
        .routes(routes!(queues::pause))
        .routes(routes!(queues::resume))
        .routes(routes!(jobs::retry))
}
