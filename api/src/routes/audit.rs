//! `GET /audit` (U3, U6, CX2).

use crate::{
    App,
    caller::Caller,
    conditions::{Asked, Span},
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    audit::{self, Action, Filter},
    db::Tx,
    error::Result,
    ids::AuditId,
    paging::Page,
    permissions::Permission,
    refusals::Refusal,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The route `/audit`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// One change, for good.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    /// Its id.
    id: Uuid,
    /// `user`, `admin`, `machine` or `system`.
    #[schema(example = "admin")]
    actor_type: String,
    /// The person behind it, if any.
    actor_id: Option<Uuid>,
    /// What kind of thing changed.
    #[schema(example = "membership")]
    entity_type: String,
    /// Which.
    entity_id: Uuid,
    /// `CREATE`, `UPDATE`, `SOFT_DELETE`, `RESTORE` or `STATUS_CHANGE`.
    #[schema(example = "UPDATE")]
    action: String,
    /// How it was.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// How it is since.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    /// Why, or through what.
    #[schema(value_type = Object)]
    meta: Value,
    /// The request that caused it.
    request_id: Option<String>,
    /// When.
    created_at: DateTime<Utc>,
}

/// Which changes to read.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct Asking {
    /// What kind of thing changed; or `entity`.
    #[param(example = "booking")]
    entity_type: Option<String>,
    /// Which thing.
    entity_id: Option<Uuid>,
    /// Who changed it; or `actor`.
    actor_id: Option<Uuid>,
    /// `user`, `admin`, `machine`, `system`, or several: `in:admin,system`.
    actor_type: Option<String>,
    /// `CREATE`, `UPDATE`, `SOFT_DELETE`, `RESTORE`, `STATUS_CHANGE`, or several: `in:CREATE,UPDATE`.
    action: Option<String>,
    /// In which request.
    request_id: Option<String>,
    /// An RFC 3339 instant or a date; or `created_from`, `date_from`, `date_gte`.
    created_at_gte: Option<String>,
    /// An RFC 3339 instant or a date; or `created_to`, `date_to`, `date_lte`.
    created_at_lte: Option<String>,
}

/// Where to go on.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct Cursor {
    /// `meta.next_cursor` of the page before; instead of `page` and `offset`. Nothing is counted then.
    cursor: Option<String>,
}

const FROM: [&str; 4] = ["created_at_gte", "created_from", "date_from", "date_gte"];
const TO: [&str; 4] = ["created_at_lte", "created_to", "date_to", "date_lte"];
const ACTORS: [&str; 4] = ["user", "admin", "machine", "system"];

/// Who changed what
///
/// Newest first. The list only grows: `cursor` pages through it without missing or repeating anything.
#[utoipa::path(get, path = "/audit", tag = "oversight", params(Asking, Cursor, Paging),
    responses((status = 200, body = List<AuditEvent>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let filter = filter(&mut asked)?;
    let place = Place::read(&mut asked)?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::AuditRead).await?;
    Ok(answer(&mut tx, &filter, place, AuditEvent::from).await?)
}

fn filter(asked: &mut Asked) -> Result<Filter, Refusal> {
    let entity_type = one_of(asked, "entity_type", "entity")?;
    let actor = match (asked.value("actor_id", "an id")?, asked.value("actor", "an id")?) {
        (Some(_), Some(_)) => return Err(Refusal::invalid("actor", "use actor_id or actor, not both")),
        (one, other) => one.or(other),
    };
    let actions = Action::ALL.map(Action::code);
    let span = span(asked)?;
    Ok(Filter {
        entity_type,
        entity_id: asked.value("entity_id", "an id")?,
        actor,
        actor_types: asked.words("actor_type", &ACTORS)?,
        actions: asked.words("action", &actions)?,
        request_id: asked.text("request_id"),
        from: span.from,
        before: span.before,
    })
}

fn one_of(asked: &mut Asked, name: &'static str, alias: &'static str) -> Result<Option<String>, Refusal> {
    match (asked.text(name), asked.text(alias)) {
        (Some(_), Some(_)) => Err(Refusal::invalid(alias, format!("use {name} or {alias}, not both"))),
        (one, other) => Ok(one.or(other)),
    }
}

/// The span of time that lists of events are asked for.
pub(crate) fn span(asked: &mut Asked) -> Result<Span, Refusal> {
    asked.span(&FROM, &TO)
}

/// Which part of a list that only grows (CX2).
pub(crate) enum Place {
    /// Counted from the newest.
    Page(Page),
    /// So many after one that was seen.
    After(AuditId, i64),
}

impl Place {
    /// `cursor`, or a page in either style.
    pub(crate) fn read(asked: &mut Asked) -> Result<Self, Refusal> {
        let pages = asked.has("page") || asked.has("offset");
        let cursor = asked.value("cursor", "the next_cursor of the page before")?;
        let page = asked.page()?;
        match cursor {
            Some(_) if pages => Err(Refusal::invalid("cursor", "use cursor, or page and offset, not both")),
            Some(seen) => Ok(Self::After(seen, page.limit)),
            None => Ok(Self::Page(page)),
        }
    }
}

/// The events that fit, in the reader's words, and where they go on.
pub(crate) async fn answer<V: Serialize>(
    tx: &mut Tx,
    filter: &Filter,
    place: Place,
    view: impl FnMut(audit::Event) -> V,
) -> Result<Reply> {
    match place {
        Place::Page(page) => {
            let listed = audit::list(tx, filter, page).await?;
            let more = page.offset + page.limit < listed.total;
            let next = listed.items.last().filter(|_| more).map(|event| event.id.to_string());
            Ok(Reply::list(page, listed.map(view)).goes_on(next))
        }
        Place::After(seen, limit) => {
            // one more than asked for tells whether there is more
            let mut events = audit::after(tx, filter, seen, limit + 1).await?;
            let more = i64::try_from(events.len()).is_ok_and(|found| found > limit);
            events.truncate(usize::try_from(limit).unwrap_or_default());
            let next = events.last().filter(|_| more).map(|event| event.id.to_string());
            Ok(Reply::ok(events.into_iter().map(view).collect::<Vec<_>>()).goes_on(next))
        }
    }
}

impl From<audit::Event> for AuditEvent {
    fn from(event: audit::Event) -> Self {
        let audit::Event { before, after, meta, request_id, created_at, .. } = event;
        Self {
            id: event.id.into(),
            actor_type: event.actor_type,
            actor_id: event.actor_id.map(Into::into),
            entity_type: event.entity_type,
            entity_id: event.entity_id,
            action: event.action,
            before,
            after,
            meta,
            request_id,
            created_at,
        }
    }
}
