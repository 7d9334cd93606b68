//! `POST /auth/login` (C12, C13, CX7).

use super::{SignedIn, slowly};
use crate::{
    App,
    caller::Origin,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
};
use axum::extract::State;
use domain::{
    identity::{self, Identifier, password},
    refusals::Refusal,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// A name and its password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// E-mail address or E.164 phone number.
    #[schema(example = "awa@example.org")]
    identifier: String,
    /// The password.
    #[schema(example = "correct horse battery")]
    password: String,
    /// What the list of sessions calls this device.
    #[schema(example = "Awa's phone")]
    device_label: Option<String>,
}

/// Sign in with a password
///
/// An unknown name and a wrong password get the same answer after the same time.
#[utoipa::path(post, path = "/auth/login", tag = "access", security(()), request_body = Login,
    responses((status = 200, body = Data<SignedIn>)))]
pub async fn login(State(app): State<App>, origin: Origin, Json(ask): Json<Login>) -> ApiResult<Reply> {
    let identifier = Identifier::parse(&ask.identifier)?;
    let mut tx = origin.begin(&app).await?;
    let credential = identity::find_credential(&mut tx, &identifier).await?;
    tx.commit().await?;

    let checked = credential.clone();
    let right = slowly(&app, move || password::opens(checked.as_ref(), &ask.password)).await?;
    let user = credential.filter(|_| right).ok_or(Refusal::BadCredentials)?.user;

    let mut tx = origin.begin(&app).await?;
    let tokens = identity::open_session(&mut tx, user, &["pwd"], ask.device_label.as_deref()).await?;
    let signed_in = SignedIn::new(&app, &mut tx, user, tokens).await?;
    tx.commit().await?;
    Ok(Reply::ok(signed_in))
}
