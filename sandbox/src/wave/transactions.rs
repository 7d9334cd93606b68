//! `GET /v1/transactions?date=&first=&after=`: a day of the wallet, page by page (PROVIDERS §1.6).

use super::error::WaveError;
use crate::sandbox::Sandbox;
use crate::store::{Movement, Record};
use axum::Json;
use axum::extract::{Query, State};
use chrono::NaiveDate;
use integrations::payments::wave::wire::PageInfo;
use serde::{Deserialize, Serialize};

/// The most lines of one page.
const LARGEST_PAGE: usize = 1_000;

#[derive(Deserialize)]
pub(super) struct Asked {
    date: Option<String>,
    first: Option<usize>,
    after: Option<String>,
}

/// The page: `TransactionPage` of the shared wire types, with the columns only Wave's side fills.
#[derive(Serialize)]
pub(super) struct Page {
    page_info: PageInfo,
    date: NaiveDate,
    items: Vec<Movement>,
}

/// The route. A cursor is the transaction id of the last line seen.
pub(super) async fn list(State(sandbox): State<Sandbox>, Query(asked): Query<Asked>) -> Result<Json<Page>, WaveError> {
    let date = match &asked.date {
        Some(text) => text.parse().map_err(|_| WaveError::field(&["date"], "must be YYYY-MM-DD"))?,
        None => sandbox.now().date_naive(),
    };
    let mut items = sandbox.state().read(|books| books.movements.tagged(&date.to_string()));
    if let Some(after) = &asked.after {
        let seen = items.iter().position(|movement| movement.id() == after);
        let seen = seen.ok_or_else(|| WaveError::field(&["after"], "is not a cursor of this day"))?;
        items.drain(..=seen);
    }
    let size = asked.first.unwrap_or(LARGEST_PAGE).clamp(1, LARGEST_PAGE);
    let has_next_page = items.len() > size;
    items.truncate(size);
    let cursor = |movement: Option<&Movement>| movement.map(|movement| movement.id().to_owned());
    let page_info = PageInfo { start_cursor: cursor(items.first()), end_cursor: cursor(items.last()), has_next_page };
    Ok(Json(Page { page_info, date, items }))
}
