//! `POST /reports` (K7, K13, V5).

use crate::{
    App,
    caller::Caller,
    conditions::{IdempotencyKey, Prefer},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::{MaybeKey, Wait},
    routes::operations::{OperationView, wait_for},
};
use axum::extract::State;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use domain::{
    error::{Fault, Result},
    ids::{OperationId, PaymentId, UserId},
    ledger::{Period, Sorted},
    localtime, organizations,
    permissions::Permission,
    refusals::Refusal,
    reports::{self, Asking, Format, Subject},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReport {
    /// `wallet`: what moved on my own accounts; `payout`: what one payout is made of; `ledger`: the lines of the
    /// organization's books; `finance`: what moved on each account or at each provider, by period.
    #[schema(value_type = String, example = "wallet")]
    kind: Kind,
    /// `csv`, `xlsx` or `pdf`.
    #[schema(value_type = String, example = "pdf")]
    format: Format,
    /// The first day, on the organization's clocks; from the beginning when left out. A finance report needs it.
    #[schema(example = "2026-11-01")]
    from: Option<NaiveDate>,
    /// The last day; until now when left out.
    to: Option<NaiveDate>,
    /// For `payout`: which.
    payout_id: Option<Uuid>,
    /// For `wallet` and `ledger`: only accounts for this, such as `wallet` or `earnings`.
    account: Option<String>,
    /// For `ledger`: only this person's accounts.
    owner_id: Option<Uuid>,
    /// For `finance`: `account`, which is the default, or `provider`.
    #[schema(value_type = Option<String>)]
    by: Option<Sorted>,
    /// For `finance`: `day`, `week`, `month`, which is the default, or `year`.
    #[schema(value_type = Option<String>)]
    period: Option<Period>,
    /// For `finance`: every organization of the installation, for its operators.
    everywhere: Option<bool>,
}

/// What accounts of an organization are for (MODEL §7); people have the first two.
const ACCOUNTS: [&str; 14] = [
    "wallet",
    "earnings",
    "provider",
    "escrow",
    "commission",
    "fees",
    "sales",
    "penalties",
    "promo",
    "provider_fees",
    "chargebacks",
    "refund_transit",
    "payout_transit",
    "suspense",
];

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Wallet,
    Payout,
    Ledger,
    Finance,
}

/// Write a statement or a report as a file
///
/// 202: the file is being written; the operation tells how many lines there are so far, and its result where to fetch it,
/// until when, and what its lines come to. With `Prefer: wait=n`, 200 if it was written in time. Everybody may have
/// statements of their own accounts and payouts; the organization's books are for who may see payments. What is posted after
/// the request is not in the file.
#[utoipa::path(post, path = "/reports", tag = "oversight", params(MaybeKey, Wait), request_body = NewReport,
    responses((status = 200, body = Data<OperationView>), (status = 202, body = Data<OperationView>)))]
pub async fn ask(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    prefer: Prefer,
    Json(new): Json<NewReport>,
) -> ApiResult<Reply> {
    let id = open(&app, &caller, key.as_ref(), new).await?;
    let operation = wait_for(&app, &caller, id, prefer.wait.unwrap_or(0)).await?;
    let ended = operation.is_final();
    let view = OperationView::from(operation);
    let reply = if ended { Reply::ok(view).operation(id) } else { Reply::accepted(id, view) };
    Ok(reply.waited(prefer.wait))
}

/// Commits the report, its operation and its job; or finds them, if this key did so before.
async fn open(app: &App, caller: &Caller, key: Option<&IdempotencyKey>, new: NewReport) -> Result<OperationId> {
    if new.everywhere == Some(true) {
        caller.require(Permission::OpsRead)?;
    }
    let mut tx = match new.kind {
        Kind::Wallet | Kind::Payout => caller.begin(app).await?,
        Kind::Ledger | Kind::Finance => caller.begin_as(app, Permission::PaymentRead).await?,
    };
    if let Some(earlier) = Reply::earlier(&mut tx, key).await? {
        let operation = earlier.operation_id();
        return operation.ok_or_else(|| Fault::corrupt("idempotency_keys", "a report without operation").into());
    }
    let zone = organizations::load(&mut tx).await?.timezone;
    let begins = |day: NaiveDate| localtime::first_showing(day.and_time(NaiveTime::MIN), zone);
    let asking = new.asking(begins)?;
    let everybody = caller.may(Permission::PaymentRead);
    let operation = reports::ask(&mut tx, caller.user(), &asking, everybody).await?;
    let kept = Reply::accepted(operation, json!({}));
    let _ = kept.commit(tx, key).await?; // what is answered is how things stand after the wait
    Ok(operation)
}

impl NewReport {
    fn asking(self, begins: impl Fn(NaiveDate) -> DateTime<Utc>) -> Result<Asking, Refusal> {
        self.refuse_strays()?;
        let known = if self.kind == Kind::Wallet { &ACCOUNTS[..2] } else { &ACCOUNTS[..] };
        if self.account.as_deref().is_some_and(|account| !known.contains(&account)) {
            return Err(Refusal::invalid("account", format!("allowed: {}", known.join(", "))));
        }
        for (field, day) in [("from", self.from), ("to", self.to)] {
            if day.is_some_and(|day| !(2000..=2999).contains(&day.year())) {
                return Err(Refusal::invalid(field, "a day between 2000-01-01 and 2999-12-31"));
            }
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to < from
        {
            return Err(Refusal::invalid("to", "must not be before the beginning"));
        }
        let subject = match self.kind {
            Kind::Wallet => Subject::Wallet { account: self.account },
            Kind::Payout => {
                let payout = self.payout_id.ok_or_else(|| Refusal::invalid("payout_id", "say which payout"))?;
                Subject::Payout { payout: PaymentId(payout) }
            }
            Kind::Ledger => Subject::Ledger { account: self.account, owner: self.owner_id.map(UserId) },
            Kind::Finance => Subject::Finance {
                by: self.by.unwrap_or(Sorted::Account),
                period: self.period.unwrap_or(Period::Month),
                everywhere: self.everywhere.unwrap_or(false),
            },
        };
        let after = self.to.and_then(|day| day.checked_add_days(Days::new(1)));
        Ok(Asking { subject, format: self.format, from: self.from.map(&begins), before: after.map(begins) })
    }

    /// What says nothing about this kind is refused: whoever says it means something.
    fn refuse_strays(&self) -> Result<(), Refusal> {
        let finance = self.kind == Kind::Finance;
        let accounts = matches!(self.kind, Kind::Wallet | Kind::Ledger);
        let payout = self.kind == Kind::Payout;
        for (field, said, means) in [
            ("payout_id", self.payout_id.is_some(), payout),
            ("account", self.account.is_some(), accounts),
            ("owner_id", self.owner_id.is_some(), self.kind == Kind::Ledger),
            ("by", self.by.is_some(), finance),
            ("period", self.period.is_some(), finance),
            ("everywhere", self.everywhere.is_some(), finance),
            ("from", self.from.is_some(), !payout),
            ("to", self.to.is_some(), !payout),
        ] {
            if said && !means {
                return Err(Refusal::invalid(field, "says nothing about this kind of report"));
            }
        }
        Ok(())
    }
}
