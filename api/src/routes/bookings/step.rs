//! What every step of a booking shares: who takes it, on what ground, of which booking, as of which version.

use crate::{
    App,
    caller::Caller,
    conditions::{IdempotencyKey, IfMatch},
    envelope::Reply,
    error::{ApiError, ApiResult},
    extract::Path,
};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use domain::{
    bookings::{self, Authority, Booking},
    db::Tx,
    error::Result,
    ids::BookingId,
    permissions::Permission,
};
use http::request::Parts;

/// A request for one step of one booking.
pub struct Step {
    /// Who asks.
    pub caller: Caller,
    /// Which booking.
    pub id: BookingId,
    seen: Option<IfMatch>,
    key: Option<IdempotencyKey>,
}

/// A step under way, or the answer it got when its key was first used.
pub enum Taken {
    /// Given before.
    Earlier(Reply),
    /// To be done in this transaction, on this ground.
    Now(Tx, Authority),
}

impl FromRequestParts<App> for Step {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> std::result::Result<Self, ApiError> {
        Ok(Self {
            caller: <Caller as FromRequestParts<App>>::from_request_parts(parts, app).await?,
            id: Path::from_request_parts(parts, app).await?.0,
            seen: <IfMatch as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?,
            key: <IdempotencyKey as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?,
        })
    }
}

impl Step {
    /// Begins as the driver of the trip, or as staff.
    pub async fn as_driver(&self, app: &App) -> Result<Taken> {
        self.begin(app, Permission::TripManageOwn).await
    }

    /// Begins as the rider, or as staff.
    pub async fn as_rider(&self, app: &App) -> Result<Taken> {
        self.begin(app, Permission::Book).await
    }

    async fn begin(&self, app: &App, needed: Permission) -> Result<Taken> {
        let (mut tx, by) = ground(app, &self.caller, Some(needed)).await?;
        if let Some(earlier) = Reply::earlier(&mut tx, self.key.as_ref()).await? {
            return Ok(Taken::Earlier(earlier));
        }
        self.check_version(&mut tx, by).await?;
        Ok(Taken::Now(tx, by))
    }

    /// Insists on the version named by `If-Match`, if one was.
    pub async fn check_version(&self, tx: &mut Tx, by: Authority) -> Result<()> {
        match self.seen {
            Some(IfMatch(seen)) => bookings::unchanged_since(tx, by, self.id, seen).await,
            None => Ok(()),
        }
    }

    /// Shows the booking as it is after the step and commits.
    pub async fn finish(&self, mut tx: Tx, booking: Booking) -> ApiResult<Reply> {
        let reply = super::view::shown(&mut tx, booking).await?;
        Ok(reply.commit(tx, self.key.as_ref()).await?)
    }
}

/// A transaction and the ground to act on: as staff for who may decide any booking, else as a party to one's own.
pub async fn ground(app: &App, caller: &Caller, needed: Option<Permission>) -> Result<(Tx, Authority)> {
    if caller.may(Permission::BookingArbitrate) {
        let tx = caller.begin_as(app, Permission::BookingArbitrate).await?;
        return Ok((tx, Authority::Staff(caller.user())));
    }
    if let Some(needed) = needed {
        caller.require(needed)?;
    }
    Ok((caller.begin(app).await?, Authority::Own(caller.user())))
}
