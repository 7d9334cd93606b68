//! The tables of the overview, one per kind.

use super::html::{badge, button, escape, table};
use crate::store::{Books, Checkout, State};
use chrono::{DateTime, Utc};
use integrations::payments::wave::wire::CheckoutStatus;
use serde::Serialize;

/// Rows of each table.
const SHOWN: usize = 25;

fn time(at: DateTime<Utc>) -> String {
    at.format("%H:%M:%S").to_string()
}

fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

fn text(value: Option<&str>) -> String {
    escape(value.unwrap_or("–"))
}

fn checkout(row: &Checkout, now: DateTime<Utc>) -> Vec<String> {
    let session = row.as_of(now);
    let id = &session.id;
    let act = if session.checkout_status == CheckoutStatus::Open {
        button("pay", id, "list", "Pay", "good") + &button("refuse", id, "list", "Refuse", "bad")
    } else {
        String::new()
    };
    let refunded = if row.refunded { badge("refunded") } else { String::new() };
    vec![
        session.when_created.map(time).unwrap_or_default(),
        format!("<a href=\"/c/{0}\"><code>{0}</code></a>", escape(id)),
        escape(&format!("{} {}", session.amount.0, session.currency)),
        text(session.client_reference.as_deref()),
        badge(&word(session.checkout_status)) + &refunded,
        act,
    ]
}

pub(super) fn checkouts(books: &Books, now: DateTime<Utc>) -> String {
    let rows: Vec<_> = books.checkouts.newest(SHOWN, 0).iter().map(|row| checkout(row, now)).collect();
    let heads = ["made", "session", "amount", "reference", "status", ""];
    table("Checkouts", books.checkouts.total(), &heads, &rows)
}

pub(super) fn collections(books: &Books) -> String {
    let newest = books.collections.newest(SHOWN, 0);
    let rows: Vec<_> = newest
        .iter()
        .map(|row| {
            let act = match row.state {
                State::Waiting => {
                    button("approve", &row.id, "list", "Pay", "good")
                        + &button("reject", &row.id, "list", "Refuse", "bad")
                }
                _ => String::new(),
            };
            vec![
                time(row.at),
                escape(row.provider),
                code(&row.id),
                escape(&format!("{} {}", row.amount, row.currency)),
                text(row.payer.as_deref()),
                badge(&word(row.state)),
                act,
            ]
        })
        .collect();
    let heads = ["asked", "provider", "id", "amount", "payer", "status", ""];
    table("Other providers", books.collections.total(), &heads, &rows)
}

pub(super) fn payouts(books: &Books) -> String {
    let newest = books.payouts.newest(SHOWN, 0);
    let rows: Vec<_> = newest
        .iter()
        .map(|row| {
            let payout = &row.payout;
            vec![
                payout.timestamp.map(time).unwrap_or_default(),
                code(&payout.id),
                escape(&format!("{} {}", payout.receive_amount.0, payout.currency)),
                text(payout.mobile.as_deref()),
                text(payout.client_reference.as_deref()),
                badge(&word(payout.status)),
            ]
        })
        .collect();
    table("Payouts", books.payouts.total(), &["made", "payout", "amount", "to", "reference", "status"], &rows)
}

pub(super) fn refunds(books: &Books) -> String {
    let newest = books.refunds.newest(SHOWN, 0);
    let rows: Vec<_> = newest
        .iter()
        .map(|row| {
            let amount = format!("{} XOF", row.amount);
            vec![time(row.at), code(&row.checkout), amount, text(row.client_reference.as_deref())]
        })
        .collect();
    table("Refunds", books.refunds.total(), &["made", "session", "amount", "reference"], &rows)
}

pub(super) fn pushes(books: &Books) -> String {
    let newest = books.pushes.newest(SHOWN, 0);
    let rows: Vec<_> = newest
        .iter()
        .map(|row| {
            let shown = &row.message["notification"];
            let words = |field: &str| text(shown[field].as_str());
            vec![time(row.at), code(&row.token), words("title"), words("body"), badge(&row.outcome)]
        })
        .collect();
    table("Pushes", books.pushes.total(), &["sent", "device", "title", "body", "outcome"], &rows)
}

pub(super) fn sms(books: &Books) -> String {
    let newest = books.sms.newest(SHOWN, 0);
    let rows: Vec<_> = newest
        .iter()
        .map(|row| {
            let from = row.sender_name.as_deref().unwrap_or(&row.sender);
            vec![time(row.at), escape(&row.to), escape(from), escape(&row.text)]
        })
        .collect();
    table("Text messages", books.sms.total(), &["sent", "to", "from", "text"], &rows)
}

pub(super) fn mails(books: &Books) -> String {
    let newest = books.mails.newest(SHOWN, 0);
    let rows: Vec<_> = newest
        .iter()
        .map(|row| {
            let body = format!(
                "<details><summary>{}</summary><pre>{}</pre></details>",
                escape(&row.subject),
                escape(&row.text)
            );
            vec![time(row.at), escape(&row.recipients.join(", ")), escape(&row.from), body]
        })
        .collect();
    table("Mails", books.mails.total(), &["sent", "to", "from", "subject"], &rows)
}

pub(super) fn deliveries(books: &Books) -> String {
    let newest = books.deliveries.newest(SHOWN, 0);
    let rows: Vec<_> = newest
        .iter()
        .map(|row| {
            let status = row.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            let forged = row.forged.as_deref().map(badge).unwrap_or_default();
            vec![
                time(row.at),
                code(&row.event_id),
                escape(&row.kind) + " " + &forged,
                row.attempt.to_string(),
                badge(&status),
            ]
        })
        .collect();
    table("Webhooks delivered", books.deliveries.total(), &["sent", "event", "type", "attempt", "answer"], &rows)
}
