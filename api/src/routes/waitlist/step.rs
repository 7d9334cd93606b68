//! What every step of an entry shares: who takes it, about which entry, as of which version, under which key, and the
//! answer.

use super::view::WaitlistStanding;
use crate::{
    App,
    caller::Caller,
    conditions::{IdempotencyKey, IfMatch},
    envelope::Reply,
    error::{ApiError, ApiResult},
    extract::Path,
};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use domain::{bookings::Authority, db::Tx, error::Result, ids::QueueEntryId, permissions::Permission, waitlist};
use http::request::Parts;

/// A request for one step of one entry.
pub struct Step {
    /// Who asks.
    pub caller: Caller,
    /// Which entry.
    pub id: QueueEntryId,
    seen: Option<IfMatch>,
    key: Option<IdempotencyKey>,
}

/// A step under way, or the answer it got when its key was first used.
pub enum Taken {
    /// Given before.
    Earlier(Reply),
    /// To be done in this transaction.
    Now(Tx),
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
    /// Begins as who waits.
    pub async fn as_waiting(&self, app: &App) -> Result<Taken> {
        self.caller.require(Permission::Book)?;
        let tx = self.caller.begin(app).await?;
        self.take(tx, Authority::Own(self.caller.user())).await
    }

    /// Begins as staff who propose something else: whatever happened to the entry, a proposal changes nothing about it.
    pub async fn as_proposer(&self, app: &App) -> Result<Taken> {
        let mut tx = self.caller.begin_as(app, Permission::OfferMake).await?;
        Ok(Reply::earlier(&mut tx, self.key.as_ref()).await?.map_or_else(|| Taken::Now(tx), Taken::Earlier))
    }

    /// Begins as staff who arbitrate.
    pub async fn as_staff(&self, app: &App) -> Result<Taken> {
        let tx = self.caller.begin_as(app, Permission::OfferMake).await?;
        self.take(tx, Authority::Staff(self.caller.user())).await
    }

    async fn take(&self, mut tx: Tx, by: Authority) -> Result<Taken> {
        if let Some(earlier) = Reply::earlier(&mut tx, self.key.as_ref()).await? {
            return Ok(Taken::Earlier(earlier));
        }
        if let Some(IfMatch(seen)) = self.seen {
            waitlist::unchanged_since(&mut tx, by, self.id, seen).await?;
        }
        Ok(Taken::Now(tx))
    }

    /// Shows the entry as it is after the step of who waits, and commits.
    pub async fn finish(&self, tx: Tx) -> ApiResult<Reply> {
        self.answer(tx, Authority::Own(self.caller.user())).await
    }

    /// The same after a step of staff.
    pub async fn finish_as_staff(&self, tx: Tx) -> ApiResult<Reply> {
        self.answer(tx, Authority::Staff(self.caller.user())).await
    }

    async fn answer(&self, mut tx: Tx, by: Authority) -> ApiResult<Reply> {
        let standing = waitlist::show(&mut tx, by, self.id).await?;
        let version = standing.entry.version;
        let reply = Reply::ok(WaitlistStanding::from(standing)).version(version);
        Ok(reply.commit(tx, self.key.as_ref()).await?)
    }
}
