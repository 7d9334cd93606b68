//! `GET /`: everything received, and buttons to pay or refuse.

use super::{answer, html, sections};
use crate::sandbox::Sandbox;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// The page loads itself again this often, in seconds.
const REFRESH: u32 = 3;

/// The page.
pub(super) async fn show(State(sandbox): State<Sandbox>) -> Response {
    let now = sandbox.now();
    let body = sandbox.state().read(|books| {
        let header = format!(
            "<header><h1>Sandbox</h1><p>wallet {} XOF</p><p>{} UTC</p><p><a href=\"/sandbox/state\">JSON</a></p></header>",
            books.balance,
            now.format("%Y-%m-%d %H:%M:%S")
        );
        let tables = [
            sections::checkouts(books, now),
            sections::collections(books),
            sections::payouts(books),
            sections::refunds(books),
            sections::sms(books),
            sections::mails(books),
            sections::pushes(books),
            sections::deliveries(books),
        ];
        header + &tables.concat()
    });
    answer(StatusCode::OK, html::page("Sandbox", Some(REFRESH), &body))
}
