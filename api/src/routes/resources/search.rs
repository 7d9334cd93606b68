//! `GET /resources/search` (Z8).

use super::{list::KINDS, view::Resource};
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
};
use axum::extract::State;
use domain::{
    inventory::resources::{self, Search},
    refusals::Refusal,
};

/// Look for resources by words
///
/// All words must be found, by their beginnings and whatever their accents and endings: in the name, the features, the
/// place or the description. The best come first.
#[utoipa::path(get, path = "/resources/search", tag = "inventory",
    params(
        ("q" = String, Query, example = "salle projecteur", description = "1 to 10 words"),
        ("kind" = Option<String>, Query, example = "room", description = "One, or several after `in:`"),
        ("site_id" = Option<Uuid>, Query, description = "The site it stands on"),
        Paging
    ),
    responses((status = 200, body = List<Resource>)))]
pub async fn search(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let search = Search {
        text: asked.text("q").ok_or_else(|| Refusal::invalid("q", "say what to look for"))?,
        kinds: asked.spelt(&["kind"], &KINDS)?,
        site: asked.value("site_id", "a site's id")?,
    };
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin(&app).await?;
    let listed = resources::search(&mut tx, &search, page).await?;
    Ok(Reply::list(page, listed.map(Resource::from)))
}
