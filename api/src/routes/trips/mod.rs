//! Rides: drivers offer them, everybody finds them (I1–I9, I14, I19).

mod ask;
mod cancel;
mod create;
mod list;
mod publish;
mod remove;
mod search;
mod show;
mod stops;
mod update;
mod view;
mod visitor;

use crate::{App, caller::Caller};
use domain::{bookings::Authority, db::Tx, error::Result, permissions::Permission};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/trips`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(search::search))
        .routes(routes!(list::mine, create::create))
        .routes(routes!(show::show, update::update, update::replace, remove::remove))
        .routes(routes!(publish::publish))
        .routes(routes!(cancel::cancel))
        .routes(routes!(stops::list, stops::set))
}

/// A transaction for ending a trip: as its moderator, or as the driver of one's own.
async fn begin_to_end(app: &App, caller: &Caller) -> Result<(Tx, Authority)> {
    if caller.may(Permission::TripModerate) {
        let tx = caller.begin_as(app, Permission::TripModerate).await?;
        return Ok((tx, Authority::Staff(caller.user())));
    }
    caller.require(Permission::TripManageOwn)?;
    Ok((caller.begin(app).await?, Authority::Own(caller.user())))
}
