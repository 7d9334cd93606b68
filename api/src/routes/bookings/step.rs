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
    /// Begins as whoever agrees to bookings: the driver of the trip, or staff.
    pub async fn as_decider(&self, app: &App) -> Result<Taken> {
        self.begin(app, &DECIDERS, &[Permission::TripManageOwn, Permission::Book]).await
    }

    /// Begins as the driver of the trip, as whoever uses a bay or a room, or as staff.
    pub async fn as_user(&self, app: &App) -> Result<Taken> {
        self.begin(app, &ARBITERS, &ANYBODY).await
    }

    /// Begins as whoever hands out and takes back.
    pub async fn as_lender(&self, app: &App) -> Result<Taken> {
        self.begin(app, &LENDERS, &ANYBODY).await
    }

    /// Begins as whoever booked or for whom, or as staff.
    pub async fn as_rider(&self, app: &App) -> Result<Taken> {
        self.begin(app, &ARBITERS, &[Permission::Book]).await
    }

    async fn begin(&self, app: &App, staff: &[Permission], own: &[Permission]) -> Result<Taken> {
        let (mut tx, by) = ground(app, &self.caller, staff, own).await?;
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

/// Who may decide any booking.
pub const ARBITERS: [Permission; 1] = [Permission::BookingArbitrate];
/// Who may agree to bookings.
pub const DECIDERS: [Permission; 2] = [Permission::BookingArbitrate, Permission::BookingApprove];
/// Who hands out what is lent.
pub const LENDERS: [Permission; 1] = [Permission::LoanHandOver];
/// Who may see any booking: whoever does something with them.
pub const LOOKERS: [Permission; 3] =
    [Permission::BookingArbitrate, Permission::BookingApprove, Permission::LoanHandOver];
/// Whoever takes part in bookings at all.
pub const ANYBODY: [Permission; 2] = [Permission::Book, Permission::TripManageOwn];

/// A transaction and the ground to act on: as staff with one of these permissions for any booking, else as a party to
/// one's own, with one of those if there are any.
pub async fn ground(app: &App, caller: &Caller, staff: &[Permission], own: &[Permission]) -> Result<(Tx, Authority)> {
    if let Some(held) = staff.iter().find(|permission| caller.may(**permission)) {
        let tx = caller.begin_as(app, *held).await?;
        return Ok((tx, Authority::Staff(caller.user())));
    }
    if let Some(first) = own.first().filter(|_| !own.iter().any(|permission| caller.may(*permission))) {
        caller.require(*first)?;
    }
    Ok((caller.begin(app).await?, Authority::Own(caller.user())))
}
