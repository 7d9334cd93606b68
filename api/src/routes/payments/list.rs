//! `GET /payments` (J17).

use super::view::Payment;
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
    ids::UserId,
    paging::Listed,
    payments::{self, Filter},
    permissions::Permission,
    refusals::Refusal,
};

/// Every status, incoming and outgoing, by its own word and by the words older clients use.
const STATUSES: [&str; 12] = [
    "created",
    "submitted",
    "authorized",
    "succeeded",
    "failed",
    "expired",
    "unknown",
    "scheduled",
    "processing",
    "manual",
    "init",
    "paid",
];

/// What money moves for.
const PURPOSES: [&str; 8] = ["booking", "fine", "topup", "purchase", "refund", "payout", "withdrawal", "chargeback"];

/// Payments
///
/// Newest first: mine, or everybody's for who may see them.
#[utoipa::path(get, path = "/payments", tag = "money",
    params(
        ("user" = Option<String>, Query, description = "`me`: only mine, whatever I may see", example = "me"),
        ("status" = Option<String>, Query, description = "One, or several after `in:`", example = "in:submitted,succeeded"),
        ("purpose" = Option<String>, Query, description = "`booking`, `fine`, `topup`, `purchase`, `refund`, `payout`, `withdrawal` or `chargeback`"),
        ("method" = Option<String>, Query, description = "`wave`, `orange`, `mtn`, `card`, `sonatel` or `wallet`"),
        Paging
    ),
    responses((status = 200, body = List<Payment>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let user = whose(&caller, &mut asked)?;
    let statuses = statuses(&mut asked)?;
    let purpose = one_of(&mut asked, "purpose", &PURPOSES)?;
    let method = one_of(&mut asked, "method", &[&payments::METHODS[..], &[payments::WALLET]].concat())?;
    let page = asked.page()?;
    asked.end()?;
    let filter = Filter { user, statuses, purpose, method, offset: page.offset, limit: page.limit };
    let mut tx = match filter.user {
        Some(_) => caller.begin(&app).await?,
        None => caller.begin_as(&app, Permission::PaymentRead).await?,
    };
    let (payments, total) = payments::list(&mut tx, filter).await?;
    let items = payments.into_iter().map(Payment::from).collect();
    Ok(Reply::list(page, Listed { items, total }))
}

/// The caller, unless they may see everybody's and did not ask for their own.
pub fn whose(caller: &Caller, asked: &mut Asked) -> Result<Option<UserId>, Refusal> {
    let own = !asked.words("user", &["me"])?.is_empty() || !caller.may(Permission::PaymentRead);
    Ok(own.then(|| caller.user()))
}

/// The statuses asked for, in our own words.
pub fn statuses(asked: &mut Asked) -> Result<Vec<String>, Refusal> {
    let words = asked.words("status", &STATUSES)?;
    let ours = |word: String| match word.as_str() {
        "init" => "created".to_owned(),
        "paid" => "succeeded".to_owned(),
        _ => word,
    };
    Ok(words.into_iter().map(ours).collect())
}

fn one_of(asked: &mut Asked, name: &'static str, allowed: &[&str]) -> Result<Option<String>, Refusal> {
    let mut words = asked.words(name, allowed)?;
    match words.len() {
        0 | 1 => Ok(words.pop()),
        _ => Err(Refusal::invalid(name, "give one of them")),
    }
}
