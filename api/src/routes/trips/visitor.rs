//! Who looks at a public page: a member of the organization, or anybody.

use crate::{
    App,
    caller::{Caller, PublicOrg},
    error::ApiError,
};
use axum::extract::FromRequestParts;
use domain::{
    db::Tx,
    error::{Error, Result},
    ids::UserId,
    permissions::Permission,
    refusals::Refusal,
};
use http::{header, request::Parts};

/// Somebody at a public route. A token is not needed; one that is shown must be good.
pub enum Visitor {
    /// Signed in, and a member here.
    Member(Caller),
    /// Anybody else.
    Stranger(PublicOrg),
}

impl Visitor {
    /// A transaction for them.
    ///
    /// # Errors
    /// A fault when the database cannot be reached.
    pub async fn begin(&self, app: &App) -> Result<Tx> {
        match self {
            Self::Member(caller) => caller.begin(app).await,
            Self::Stranger(org) => org.begin(app).await,
        }
    }

    /// Whether this member may see what that driver has not published.
    pub fn may_see_drafts_of(&self, driver: UserId) -> bool {
        match self {
            Self::Member(caller) => caller.user() == driver || caller.may(Permission::TripModerate),
            Self::Stranger(_) => false,
        }
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> std::result::Result<Self, ApiError> {
        if parts.headers.contains_key(header::AUTHORIZATION) {
            match <Caller as FromRequestParts<App>>::from_request_parts(parts, app).await {
                // signed in, but no member here
                Err(ApiError::Domain(Error::Refused(Refusal::NotFound))) => {}
                caller => return caller.map(Self::Member),
            }
        }
        <PublicOrg as FromRequestParts<App>>::from_request_parts(parts, app).await.map(Self::Stranger)
    }
}
