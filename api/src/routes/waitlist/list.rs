//! `GET /waitlist` (H4).

use super::view::WaitlistEntry;
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
};
use axum::extract::State;
use domain::{
    ids::{ResourceId, UserId},
    permissions::Permission,
    refusals::Refusal,
    waitlist::{self, EntryStatus},
};

/// Who waits
///
/// For staff everybody who waits, in the order they will be served: the highest score first. For others, and with
/// `role=mine`, one's own entries, newest first. With another `status` than `waiting`, newest first.
#[utoipa::path(get, path = "/waitlist", tag = "waitlist",
    params(
        ("role" = Option<String>, Query, example = "all", description = "`all` for staff, which is their default, or `mine`"),
        ("resource_id" = Option<Uuid>, Query, description = "Only the line of this resource"),
        ("status" = Option<String>, Query, example = "in:waiting,offered", description = "One, or several after `in:`"),
        Paging
    ),
    responses((status = 200, body = List<WaitlistEntry>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let role = asked.text("role");
    let resource = asked.value::<ResourceId>("resource_id", "an id")?;
    let statuses = asked.words("status", EntryStatus::CODES)?;
    let statuses = statuses.iter().map(|code| code.parse()).collect::<Result<Vec<EntryStatus>, Refusal>>()?;
    let page = asked.page()?;
    asked.end()?;
    let whose = whose(&caller, role.as_deref())?;
    let mut tx = match whose {
        Some(_) => caller.begin(&app).await?,
        None => caller.begin_as(&app, Permission::WaitlistList).await?,
    };
    let listed = waitlist::list(&mut tx, whose, resource, &statuses, page).await?;
    Ok(Reply::list(page, listed.map(WaitlistEntry::from)))
}

/// Whose entries; everybody's when none.
fn whose(caller: &Caller, role: Option<&str>) -> Result<Option<UserId>, Refusal> {
    match role {
        None if caller.may(Permission::WaitlistList) => Ok(None),
        None | Some("mine") => Ok(Some(caller.user())),
        Some("all") => Ok(None),
        Some(_) => Err(Refusal::invalid("role", "allowed: all, mine")),
    }
}
