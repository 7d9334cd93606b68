//! `GET /inbound-events`, `GET /inbound-events/{id}` (★5).

use super::view::InboundEvent;
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Path,
    openapi::params::Paging,
};
use axum::extract::State;
use domain::{
    ids::EventId,
    payments::{self, EVENT_STATUSES, EventFilter},
    permissions::Permission,
};

/// Events of providers
///
/// Verified and kept, the newest first.
#[utoipa::path(get, path = "/inbound-events", tag = "money",
    params(
        ("status" = Option<String>, Query, description = "What became of it, one or several after `in:`", example = "in:parked,ignored"),
        ("payment_id" = Option<Uuid>, Query, description = "About this payment"),
        Paging
    ),
    responses((status = 200, body = List<InboundEvent>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let filter = EventFilter {
        id: None,
        statuses: asked.words("status", &EVENT_STATUSES)?,
        payment: asked.value("payment_id", "an id")?,
    };
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::PaymentRead).await?;
    let found = payments::list_events(&mut tx, &filter, page).await?;
    Ok(Reply::list(page, found.map(InboundEvent::from)))
}

/// One event of a provider
#[utoipa::path(get, path = "/inbound-events/{id}", tag = "money",
    params(("id" = Uuid, Path, description = "The event")), responses((status = 200, body = Data<InboundEvent>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<EventId>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::PaymentRead).await?;
    Ok(Reply::ok(InboundEvent::from(payments::find_event(&mut tx, id).await?)))
}
