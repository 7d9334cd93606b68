//! `GET /units`, `GET /units/{id}` (E17, F7).

use super::view::{Unit, shown};
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Path,
    openapi::params::Paging,
    routes::resources::{KINDS, STATUSES},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    db::Tx,
    ids::{ResourceId, UnitId},
    inventory::units::{self, Filter, UnitState},
    permissions::Permission,
    refusals::Refusal,
};

/// Units
///
/// Of the whole organization: a site's plan, or the one with a barcode. With `status_at=now`, or another instant, each says
/// what holds it then.
#[utoipa::path(get, path = "/units", tag = "inventory",
    params(
        ("site_id" = Option<Uuid>, Query, description = "The site its resource stands on"),
        ("kind" = Option<String>, Query, example = "parking", description = "Of its resource: one, or several after `in:`"),
        ("status_at" = Option<String>, Query, example = "now", description = "`now`, or an instant"),
        ("state" = Option<String>, Query, example = "free",
            description = "With `status_at`: `free`, `held`, `booked`, `in_use`, `offered`, `closed`, `maintenance`, `retired`"),
        ("status" = Option<String>, Query, description = "`active`, `maintenance`, `retired`"),
        ("barcode" = Option<String>, Query, example = "CAM-0001", description = "The whole barcode"),
        ("features" = Option<String>, Query, example = "charger", description = "All of these, the resource's included"),
        ("include_deleted" = Option<bool>, Query, description = "Removed ones too; for who may manage units"),
        Paging
    ),
    responses((status = 200, body = List<Unit>)))]
pub async fn list(State(app): State<App>, caller: Caller, asked: Asked) -> ApiResult<Reply> {
    list_of(&app, &caller, None, asked).await
}

/// The units of one resource, or of all.
pub(in crate::routes) async fn list_of(
    app: &App,
    caller: &Caller,
    resource: Option<ResourceId>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let mut filter = Filter {
        resource,
        statuses: asked.spelt(&["status"], &STATUSES)?,
        barcode: asked.text("barcode"),
        features: asked.all_of(&["features"])?,
        states: asked.words("state", UnitState::CODES)?,
        include_deleted: asked.flag("include_deleted")?,
        ..Filter::default()
    };
    if resource.is_none() {
        filter.site = asked.value("site_id", "a site's id")?;
        filter.kinds = asked.spelt(&["kind", "type"], &KINDS)?;
    }
    let moment = asked.text("status_at");
    let page = asked.page()?;
    asked.end()?;
    if moment.is_none() && !filter.states.is_empty() {
        return Err(Refusal::invalid("state", "say when: status_at=now").into());
    }
    let mut tx = match filter.include_deleted {
        true => caller.begin_as(app, Permission::UnitManage).await?,
        false => caller.begin(app).await?,
    };
    let at = moment.map(|moment| instant(&tx, &moment)).transpose()?;
    let listed = units::list(&mut tx, &filter, at, page).await?;
    Ok(Reply::list(page, listed.map(Unit::from)))
}

/// `now` is the instant of the transaction: the clock the claims were made by.
fn instant(tx: &Tx, moment: &str) -> Result<DateTime<Utc>, Refusal> {
    if moment == "now" {
        return Ok(tx.now());
    }
    let in_reach = |at: &DateTime<Utc>| (at.timestamp() - tx.now().timestamp()).abs() < 100 * 366 * 86_400;
    let read = DateTime::parse_from_rfc3339(moment).map(|at| at.to_utc()).ok().filter(in_reach);
    read.ok_or_else(|| Refusal::invalid("status_at", "expected now, or an RFC 3339 instant of this age"))
}

/// One unit
#[utoipa::path(get, path = "/units/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The unit")), responses((status = 200, body = Data<Unit>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<UnitId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    Ok(shown(units::find(&mut tx, id).await?))
}
