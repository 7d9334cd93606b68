//! `GET /waitlist/{id}` (SN14, ★7).

use super::view::WaitlistStanding;
use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
};
use axum::extract::State;
use domain::{bookings::Authority, ids::QueueEntryId, permissions::Permission, waitlist};

/// Where somebody stands and why
///
/// Rank, every factor of the score with what would change it, the offer and what was proposed instead. For who waits,
/// who booked, and staff.
#[utoipa::path(get, path = "/waitlist/{id}", tag = "waitlist",
    params(("id" = Uuid, Path, description = "The entry")), responses((status = 200, body = Data<WaitlistStanding>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<QueueEntryId>) -> ApiResult<Reply> {
    let (mut tx, by) = if caller.may(Permission::WaitlistList) {
        (caller.begin_as(&app, Permission::WaitlistList).await?, Authority::Staff(caller.user()))
    } else {
        (caller.begin(&app).await?, Authority::Own(caller.user()))
    };
    let standing = waitlist::show(&mut tx, by, id).await?;
    let version = standing.entry.version;
    Ok(Reply::ok(WaitlistStanding::from(standing)).version(version))
}
