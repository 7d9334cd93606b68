//! `GET, PATCH /me` (C23, C24, CX13).

use crate::{
    App,
    caller::Person,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    routes::organizations::members::MyPlace,
};
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    error::Error,
    identity::{self, Me, MyIdentity, MyOrganization, ProfilePatch},
    money::Currency,
    refusals::Refusal,
    wallet,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A person as they see themselves.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeView {
    /// Their id.
    id: Uuid,
    /// How they are called.
    #[schema(example = "Awa Koné")]
    full_name: String,
    /// Given name.
    first_name: Option<String>,
    /// Family name.
    last_name: Option<String>,
    /// In their own words.
    gender: Option<String>,
    /// When they were born.
    birthdate: Option<NaiveDate>,
    /// Language of messages: `fr` or `en`.
    #[schema(example = "fr")]
    locale: String,
    /// IANA zone; the organization's when unset.
    timezone: Option<String>,
    /// Mean of the stars they got; none before the first.
    rating_avg: Option<f64>,
    /// How often they were rated.
    rating_count: i32,
    /// The names they sign in with.
    identities: Vec<Identity>,
    /// Where they belong.
    organizations: Vec<Membership>,
    /// When they came.
    created_at: DateTime<Utc>,
}

/// A person as they see themselves, and their place in the organization they named or in their only one.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeHere {
    #[serde(flatten)]
    me: MeView,
    /// None when they named no organization of theirs.
    membership: Option<MyPlace>,
    /// The tickets they have there (C23).
    tickets: Option<i64>,
}

/// One name a person signs in with.
#[derive(Debug, Serialize, ToSchema)]
pub struct Identity {
    /// `email`, `phone`, `username` or `external`.
    kind: String,
    /// The address, number or name.
    value: String,
    /// Whether they proved that it is theirs.
    verified: bool,
}

/// An organization a person belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Membership {
    /// Its id, for `X-Org-Id`.
    id: Uuid,
    /// Its short name, as good as the id.
    slug: String,
    /// Its name.
    name: String,
    /// `active` or `suspended`.
    status: String,
}

/// What to change; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchMe {
    /// At most 200 characters.
    #[schema(example = "Awa Koné")]
    full_name: Option<String>,
    /// At most 100 characters.
    first_name: Option<String>,
    /// At most 100 characters.
    last_name: Option<String>,
    /// Another name to sign in with: 3 to 40 letters, digits, dots, hyphens and underscores, the first a letter.
    #[schema(example = "awa.kone")]
    username: Option<String>,
    /// At most 40 characters, in your own words.
    gender: Option<String>,
    /// A day since 1900 that has passed.
    #[schema(example = "1994-05-17")]
    birthdate: Option<NaiveDate>,
    /// `fr` or `en`.
    locale: Option<String>,
    /// An IANA zone.
    #[schema(example = "Africa/Abidjan")]
    timezone: Option<String>,
}

/// Who am I?
#[utoipa::path(get, path = "/me", tag = "me", responses((status = 200, body = Data<MeHere>)))]
pub async fn show(State(app): State<App>, person: Person) -> ApiResult<Reply> {
    let mut tx = match person.begin_at_home(&app).await {
        // who was shown the door somewhere still is somebody
        Err(Error::Refused(Refusal::NotFound)) => person.begin(&app).await?,
        other => other?,
    };
    let me = identity::me(&mut tx, person.user).await?;
    let version = me.version;
    let (membership, tickets) = match tx.org() {
        Ok(_) => {
            let tickets = wallet::of(&mut tx, person.user, Some(Currency::Tkt)).await?.balance.amount;
            (Some(MyPlace::of(&mut tx, person.user).await?), Some(tickets))
        }
        Err(_) => (None, None),
    };
    Ok(Reply::ok(MeHere { me: me.into(), membership, tickets }).version(version))
}

/// Change my profile
#[utoipa::path(patch, path = "/me", tag = "me", request_body = PatchMe, responses((status = 200, body = Data<MeView>)))]
pub async fn update(State(app): State<App>, person: Person, Json(ask): Json<PatchMe>) -> ApiResult<Reply> {
    let mut tx = person.begin_at_home(&app).await?;
    let me = identity::update_me(&mut tx, person.user, &ask.into()).await?;
    tx.commit().await?;
    let version = me.version;
    Ok(Reply::ok(MeView::from(me)).version(version))
}

/// Change my profile
///
/// The same as `PATCH`.
#[utoipa::path(put, path = "/me", tag = "me", request_body = PatchMe, responses((status = 200, body = Data<MeView>)))]
pub async fn replace(app: State<App>, person: Person, ask: Json<PatchMe>) -> ApiResult<Reply> {
    update(app, person, ask).await
}

impl From<PatchMe> for ProfilePatch {
    fn from(ask: PatchMe) -> Self {
        let PatchMe { full_name, first_name, last_name, username, gender, birthdate, locale, timezone } = ask;
        Self { full_name, first_name, last_name, username, gender, birthdate, locale, timezone }
    }
}

impl From<Me> for MeView {
    fn from(me: Me) -> Self {
        let rating_avg = (me.rating_count > 0).then(|| f64::from(me.rating_sum) / f64::from(me.rating_count));
        Self {
            id: me.id.into(),
            full_name: me.full_name,
            first_name: me.first_name,
            last_name: me.last_name,
            gender: me.gender,
            birthdate: me.birthdate,
            locale: me.locale,
            timezone: me.timezone,
            rating_avg,
            rating_count: me.rating_count,
            identities: me.identities.into_iter().map(Into::into).collect(),
            organizations: me.organizations.into_iter().map(Into::into).collect(),
            created_at: me.created_at,
        }
    }
}

impl From<MyIdentity> for Identity {
    fn from(identity: MyIdentity) -> Self {
        Self { kind: identity.kind, value: identity.value, verified: identity.verified_at.is_some() }
    }
}

impl From<MyOrganization> for Membership {
    fn from(organization: MyOrganization) -> Self {
        let MyOrganization { id, slug, name, status } = organization;
        Self { id: id.into(), slug, name, status }
    }
}
