//! `GET /reports/usage`, `GET /reports/usage.csv` (Z10, Z11).

use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
    routes::shared::{MoneyView, page_of},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{
    money::{Currency, Money},
    organizations,
    permissions::Permission,
    refusals::Refusal,
    reports::{self, By},
};
use http::header;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How much of something was booked and used.
#[derive(Debug, Serialize, ToSchema)]
pub struct Usage {
    /// The site, department or resource; none for bookings of no site or department.
    id: Option<Uuid>,
    /// What it is called, or the kind.
    #[schema(example = "Plateau")]
    name: Option<String>,
    /// Bookings that held or hold their units.
    bookings: i64,
    /// Given up, refused or run out.
    cancelled: i64,
    /// Nobody came.
    no_shows: i64,
    /// Minutes booked, each unit by itself.
    minutes: i64,
    /// Different people booked for.
    people: i64,
    /// What was due or paid.
    amount: MoneyView,
}

/// Of which bookings, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct Asking {
    /// `site`, which is the default, `department`, `resource` or `kind`.
    #[param(example = "department")]
    by: Option<String>,
    /// Bookings that start then or later: an instant or a date.
    #[param(example = "2026-11-01")]
    from: String,
    /// Bookings that start then or before; at most 400 days after `from`.
    #[param(example = "2026-11-30")]
    to: String,
}

/// How much is used
///
/// By site, by department of the people booked for, by resource or by kind, over the bookings that start in a span.
#[utoipa::path(get, path = "/reports/usage", tag = "oversight", params(Asking, Paging),
    responses((status = 200, body = List<Usage>)))]
pub async fn usage(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let wanted = wanted(&mut asked)?;
    let page = asked.page()?;
    asked.end()?;
    Ok(Reply::list(page, page_of(counted(&app, &caller, wanted).await?, page)))
}

/// How much is used, as a table
///
/// The same as comma-separated values, whole.
#[utoipa::path(get, path = "/reports/usage.csv", tag = "oversight", params(Asking),
    responses((status = 200, content_type = "text/csv", body = String)))]
pub async fn usage_csv(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Response> {
    let wanted = wanted(&mut asked)?;
    asked.end()?;
    let rows = counted(&app, &caller, wanted).await?;
    let table =
        std::iter::once(COLUMNS.to_owned()).chain(rows.iter().map(Usage::line)).collect::<Vec<_>>().join("\r\n");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"usage.csv\""),
    ];
    Ok((headers, table + "\r\n").into_response())
}

const COLUMNS: &str = "id,name,bookings,cancelled,no_shows,minutes,people,amount,currency";

fn wanted(asked: &mut Asked) -> Result<(By, DateTime<Utc>, DateTime<Utc>), Refusal> {
    let words: Vec<&str> = By::WORDS.iter().map(|(word, _)| *word).collect();
    let by = match asked.text("by") {
        None => By::Site,
        Some(word) => By::WORDS
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, by)| *by)
            .ok_or_else(|| Refusal::invalid("by", format!("allowed: {}", words.join(", "))))?,
    };
    let span = asked.span(&["from"], &["to"])?;
    match (span.from, span.before) {
        (Some(from), Some(before)) => Ok((by, from, before)),
        (None, _) => Err(Refusal::invalid("from", "say since when")),
        (_, None) => Err(Refusal::invalid("to", "say until when")),
    }
}

async fn counted(
    app: &App,
    caller: &Caller,
    (by, from, before): (By, DateTime<Utc>, DateTime<Utc>),
) -> ApiResult<Vec<Usage>> {
    let mut tx = caller.begin_as(app, Permission::ReportRead).await?;
    let currency = organizations::load(&mut tx).await?.currency;
    let rows = reports::usage(&mut tx, by, from, before).await?;
    Ok(rows.into_iter().map(|row| Usage::of(row, currency)).collect())
}

impl Usage {
    fn of(row: reports::Usage, currency: Currency) -> Self {
        let reports::Usage { id, name, bookings, cancelled, no_shows, minutes, people, amount } = row;
        let amount = Money { amount, currency }.into();
        Self { id, name, bookings, cancelled, no_shows, minutes, people, amount }
    }

    fn line(&self) -> String {
        let id = self.id.map(|id| id.to_string()).unwrap_or_default();
        let name = cell(self.name.as_deref().unwrap_or_default());
        let figures = [self.bookings, self.cancelled, self.no_shows, self.minutes, self.people];
        let figures = figures.map(|figure| figure.to_string()).join(",");
        format!("{id},{name},{figures},{},{}", self.amount.amount(), self.amount.currency())
    }
}

/// A text as one cell (RFC 4180). What a spreadsheet would take for a formula is marked as text.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_name_is_one_cell_and_no_formula() {
        assert_eq!(cell("Salle \"A\", 1"), "\"Salle \"\"A\"\", 1\"");
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
    }
}
