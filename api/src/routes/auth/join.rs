//! `POST /auth/join` (CX26, SN4): somebody known enters one more organization.

use crate::{
    App,
    caller::{Person, PublicOrg},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    routes::organizations::members::MyPlace,
};
use axum::extract::State;
use domain::{identity, organizations::invitations};
use serde::Deserialize;
use utoipa::ToSchema;

/// How to come in.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The code of an invitation; without one the organization's registration decides.
    invitation: Option<String>,
}

/// Join an organization
///
/// The one named by `X-Org-Id`. With an invitation, whatever its registration says; without one, when everybody may come
/// in, or a verified address of yours lies in its domains or on its list.
#[utoipa::path(post, path = "/auth/join", tag = "access", request_body = Option<Join>,
    responses((status = 200, body = Data<MyPlace>)))]
pub async fn join(State(app): State<App>, person: Person, org: PublicOrg, ask: Option<Json<Join>>) -> ApiResult<Reply> {
    let mut tx = person.begin_at(&app, &org).await?;
    match ask.and_then(|Json(ask)| ask.invitation) {
        Some(token) => invitations::accept_token(&mut tx, &token, person.user).await?,
        None => identity::join(&mut tx, person.user).await?,
    }
    let place = MyPlace::of(&mut tx, person.user).await?;
    tx.commit().await?;
    Ok(Reply::ok(place))
}
