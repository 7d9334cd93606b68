//! `GET /organizations`, `GET, PATCH /organizations/{id}` (B1, CX13, CX14).

use crate::{
    App,
    caller::Person,
    conditions::IfMatch,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::Version,
    routes::me::Membership,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    identity,
    organizations::{self, OrganizationPatch},
    permissions::Permission,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A tenant as its members see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organization {
    /// Its id.
    id: Uuid,
    /// Its short name, as good as the id.
    #[schema(example = "demo")]
    slug: String,
    /// Its name.
    name: String,
    /// The zone its people think in.
    #[schema(example = "Africa/Abidjan")]
    timezone: String,
    /// Language of people who chose none.
    #[schema(example = "fr")]
    locale: String,
    /// What its prices are in.
    #[schema(example = "XOF")]
    currency: String,
    /// `live`, or `test`: its providers move no money.
    #[schema(example = "live")]
    payment_mode: String,
    /// Who may join: `open`, `domain`, `invite` or `closed`.
    registration: String,
    /// Mail domains that may join when registration is `domain`.
    email_domains: Vec<String>,
    /// The role of those who join.
    default_role: String,
    /// Its parameters.
    #[schema(value_type = Object)]
    settings: Value,
    /// The number in its `ETag`.
    version: i32,
    /// When it came into being.
    created_at: DateTime<Utc>,
}

/// What to change; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchOrganization {
    /// 1 to 200 characters.
    name: Option<String>,
    /// An IANA zone.
    timezone: Option<String>,
    /// `fr` or `en`.
    locale: Option<String>,
    /// `live` or `test`. Money for trying out never meets real money, so it changes only while there is no account at a
    /// provider: try things out in an organization of its own.
    payment_mode: Option<String>,
    /// `open`, `domain`, `invite` or `closed`.
    registration: Option<String>,
    /// At most 50.
    email_domains: Option<Vec<String>>,
    /// An existing role.
    default_role: Option<String>,
    /// Merged into the settings; null restores a default.
    #[schema(value_type = Option<Object>, example = json!({ "hold_minutes": 20 }))]
    settings: Option<Value>,
}

/// Organizations I belong to
#[utoipa::path(get, path = "/organizations", tag = "organizations",
    responses((status = 200, body = List<Membership>)))]
pub async fn mine(State(app): State<App>, person: Person) -> ApiResult<Reply> {
    let mut tx = person.begin(&app).await?;
    let organizations = identity::my_organizations(&mut tx, person.user).await?;
    Ok(Reply::ok(organizations.into_iter().map(Membership::from).collect::<Vec<_>>()))
}

/// One organization I belong to
#[utoipa::path(get, path = "/organizations/{id}", tag = "organizations",
    params(("id" = String, Path, description = "Id or slug")), responses((status = 200, body = Data<Organization>)))]
pub async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> ApiResult<Reply> {
    let caller = person.enter(&app, &id).await?;
    let mut tx = caller.begin(&app).await?;
    Ok(reply(organizations::load(&mut tx).await?))
}

/// Change an organization and its settings
#[utoipa::path(patch, path = "/organizations/{id}", tag = "organizations",
    params(("id" = String, Path, description = "Id or slug"), Version), request_body = PatchOrganization,
    responses((status = 200, body = Data<Organization>)))]
pub async fn update(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Json(ask): Json<PatchOrganization>,
) -> ApiResult<Reply> {
    let caller = person.enter(&app, &id).await?;
    let mut tx = caller.begin_as(&app, Permission::OrgSettings).await?;
    let organization = organizations::update(&mut tx, &caller.principal, version, &ask.into()).await?;
    tx.commit().await?;
    Ok(reply(organization))
}

/// Change an organization and its settings
///
/// The same as `PATCH`.
#[utoipa::path(put, path = "/organizations/{id}", tag = "organizations",
    params(("id" = String, Path, description = "Id or slug"), Version), request_body = PatchOrganization,
    responses((status = 200, body = Data<Organization>)))]
pub async fn replace(
    app: State<App>,
    person: Person,
    id: Path<String>,
    version: IfMatch,
    ask: Json<PatchOrganization>,
) -> ApiResult<Reply> {
    update(app, person, id, version, ask).await
}

fn reply(organization: organizations::Organization) -> Reply {
    let version = organization.version;
    Reply::ok(Organization::from(organization)).version(version)
}

impl From<PatchOrganization> for OrganizationPatch {
    fn from(ask: PatchOrganization) -> Self {
        let PatchOrganization { name, timezone, locale, payment_mode, .. } = ask;
        let PatchOrganization { registration, email_domains, default_role, settings, .. } = ask;
        Self { name, timezone, locale, payment_mode, registration, email_domains, default_role, settings }
    }
}

impl From<organizations::Organization> for Organization {
    fn from(organization: organizations::Organization) -> Self {
        Self {
            id: organization.id.into(),
            slug: organization.slug,
            name: organization.name,
            timezone: organization.timezone.name().to_owned(),
            locale: organization.locale,
            currency: organization.currency.to_string(),
            payment_mode: organization.payment_mode,
            registration: organization.registration,
            email_domains: organization.email_domains,
            default_role: organization.default_role,
            settings: serde_json::to_value(organization.settings).expect("settings are plain data"),
            version: organization.version,
            created_at: organization.created_at,
        }
    }
}
