//! Waiting for what is not free (H1–H12, SN14–SN16, ★7).

mod accept;
mod decisions;
mod decline;
mod expire;
mod join;
mod leave;
mod list;
mod offer;
mod propose;
mod refuse;
mod show;
mod step;
mod view;

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/waitlist`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, join::join))
        .routes(routes!(show::show, leave::leave))
        .routes(routes!(decisions::decisions))
        .routes(routes!(offer::offer))
        .routes(routes!(accept::accept))
        .routes(routes!(decline::decline))
        .routes(routes!(expire::expire))
        .routes(routes!(refuse::refuse))
        .routes(routes!(propose::propose))
}
