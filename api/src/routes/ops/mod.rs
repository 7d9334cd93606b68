//! For operators: promises, queues and jobs (★2, ★17; QUEUE promise 9). Lists go on at a cursor, because a history of
//! millions has no page numbers.

mod asked;
mod invariants;
mod jobs;
mod life;
mod queues;
mod redrive;
mod view;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/ops`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(invariants::list))
        .routes(routes!(queues::list))
        .routes(routes!(queues::pause))
        .routes(routes!(queues::resume))
        .routes(routes!(jobs::list))
        .routes(routes!(life::show))
        .routes(routes!(jobs::retry))
        .routes(routes!(jobs::cancel))
        .routes(routes!(redrive::redrive))
}
