//! `GET /payouts` (K9).

use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
    routes::payments::{
        Payment,
        list::{statuses, whose},
    },
};
use axum::extract::State;
use domain::{
    paging::Listed,
    payments::{self, Filter},
    permissions::Permission,
};

/// Payouts
///
/// Newest first: mine, or everybody's for who may see payments.
#[utoipa::path(get, path = "/payouts", tag = "money",
    params(
        ("user" = Option<String>, Query, description = "`me`: only mine, whatever I may see", example = "me"),
        ("status" = Option<String>, Query, description = "One, or several after `in:`", example = "in:processing,succeeded"),
        Paging
    ),
    responses((status = 200, body = List<Payment>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let user = whose(&caller, &mut asked)?;
    let statuses = statuses(&mut asked)?;
    let page = asked.page()?;
    asked.end()?;
    let purpose = Some("payout".to_owned());
    let filter = Filter { user, statuses, purpose, method: None, offset: page.offset, limit: page.limit };
    let mut tx = match filter.user {
        Some(_) => caller.begin(&app).await?,
        None => caller.begin_as(&app, Permission::PaymentRead).await?,
    };
    let (payouts, total) = payments::list(&mut tx, filter).await?;
    let items = payouts.into_iter().map(Payment::from).collect();
    Ok(Reply::list(page, Listed { items, total }))
}
