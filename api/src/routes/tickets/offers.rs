//! `GET, POST /ticket-offers`, `GET, PATCH /ticket-offers/{id}` (K19).

use crate::{
    App,
    caller::Caller,
    conditions::{Asked, IdempotencyKey, IfMatch},
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::{MaybeKey, Paging, Version},
    routes::shared::MoneyView,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    ids::TicketOfferId,
    permissions::Permission,
    tickets::{self, NewOffer, OfferPatch},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A pack of tickets and its price.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketOffer {
    /// Its id.
    id: Uuid,
    /// What it is called.
    #[schema(example = "10 parties")]
    name: String,
    /// How many tickets.
    #[schema(example = 10)]
    tickets: i32,
    /// For how much.
    price: MoneyView,
    /// Whether it is sold.
    active: bool,
    /// The number in its `ETag`.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// What a pack is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeTicketOffer {
    /// 1 to 100 characters.
    #[schema(example = "10 parties")]
    name: String,
    /// 1 to 1 000 000.
    #[schema(example = 10)]
    tickets: i32,
    /// In minor units of the organization's currency.
    #[schema(example = 2000)]
    price: i64,
}

/// What to change; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchTicketOffer {
    /// 1 to 100 characters.
    name: Option<String>,
    /// 1 to 1 000 000.
    tickets: Option<i32>,
    /// In minor units.
    #[schema(example = 2500)]
    price: Option<i64>,
    /// Whether it is sold.
    active: Option<bool>,
}

/// Packs of tickets
///
/// The smallest first; those that are not sold are shown to who manages promotions.
#[utoipa::path(get, path = "/ticket-offers", tag = "money", params(Paging),
    responses((status = 200, body = List<TicketOffer>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin(&app).await?;
    let all = caller.may(Permission::PromoManage);
    Ok(Reply::list(page, tickets::list(&mut tx, None, all, page).await?.map(TicketOffer::from)))
}

/// Sell a pack of tickets
#[utoipa::path(post, path = "/ticket-offers", tag = "money", params(MaybeKey), request_body = MakeTicketOffer,
    responses((status = 201, body = Data<TicketOffer>)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(ask): Json<MakeTicketOffer>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::PromoManage).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let MakeTicketOffer { name, tickets, price } = ask;
    let offer = tickets::create(&mut tx, NewOffer { name, tickets, price }).await?;
    let (id, version) = (offer.id, offer.version);
    let reply = Reply::created(format!("/api/v1/ticket-offers/{id}"), TicketOffer::from(offer)).version(version);
    Ok(reply.commit(tx, key.as_ref()).await?)
}

/// One pack of tickets
#[utoipa::path(get, path = "/ticket-offers/{id}", tag = "money",
    params(("id" = Uuid, Path, description = "The pack")), responses((status = 200, body = Data<TicketOffer>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<TicketOfferId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    Ok(shown(tickets::find(&mut tx, id).await?))
}

/// Change a pack of tickets
///
/// Purchases under way keep what they were opened for. `active` takes it out of sale and back.
#[utoipa::path(patch, path = "/ticket-offers/{id}", tag = "money",
    params(("id" = Uuid, Path, description = "The pack"), Version), request_body = PatchTicketOffer,
    responses((status = 200, body = Data<TicketOffer>)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TicketOfferId>,
    IfMatch(seen): IfMatch,
    Json(ask): Json<PatchTicketOffer>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::PromoManage).await?;
    let PatchTicketOffer { name, tickets, price, active } = ask;
    let offer = tickets::update(&mut tx, id, seen, OfferPatch { name, tickets, price, active }).await?;
    tx.commit().await?;
    Ok(shown(offer))
}

fn shown(offer: tickets::Offer) -> Reply {
    let version = offer.version;
    Reply::ok(TicketOffer::from(offer)).version(version)
}

impl From<tickets::Offer> for TicketOffer {
    fn from(offer: tickets::Offer) -> Self {
        Self {
            id: offer.id.into(),
            name: offer.name,
            tickets: offer.tickets,
            price: offer.price.into(),
            active: offer.active,
            version: offer.version,
            created_at: offer.created_at,
        }
    }
}
