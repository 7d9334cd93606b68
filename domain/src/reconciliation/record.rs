//! Writes down what a look at a day found.

use super::{
    Item, Order, Run,
    books::{self, About, Known},
    compare::{Difference, Side, difference},
    find_run,
    items::{self, Found},
    run::span,
};
use crate::{
    audit::Change, db::Tx, error::Result, ids::*, ledger::postings, money::Money, paging::Page,
    payments::provider::AccountMovement,
};
use std::collections::{BTreeMap, HashSet};

/// What the provider said.
#[derive(Debug, Clone)]
pub enum Heard {
    /// Its own list of the days around.
    List(Vec<AccountMovement>),
    /// It keeps none: what it answered about each payment that was asked after.
    Statuses(Vec<AccountMovement>),
}

/// One thing both sides should know.
#[derive(Default)]
struct Pair {
    known: Option<Known>,
    first: Option<AccountMovement>,
    theirs: Option<Side>,
    /// Whether it is of the day that is looked at.
    today: bool,
}

/// Holds what was heard against the books, keeps the differences, and ends the run. Again it finds it ended.
///
/// # Errors
/// A fault when the database fails.
pub async fn record(tx: &mut Tx, order: &Order, heard: Heard) -> Result<Run> {
    let before = find_run(tx, order.run).await?;
    if before.finished_at.is_some() {
        return Ok(before);
    }
    let (source, movements) = match heard {
        Heard::List(movements) => ("list", movements),
        Heard::Statuses(movements) => ("statuses", movements),
    };
    let told = movements.iter().filter(|one| is_of(one, order)).count();
    let pairs = pairs(tx, order, movements, source).await?;
    let abouts: Vec<About> = pairs.keys().cloned().collect();
    let held = books::held(tx, &order.account, &abouts).await?;
    let corrected = corrected(tx, order).await?;
    let (mut seen, mut open, mut learned) = (Vec::new(), 0, 0);
    for (about, pair) in &pairs {
        let ours = held.get(about).copied().unwrap_or_default();
        learned += i32::from(learn_fee(tx, order, about, ours, pair).await?);
        let Some(kind) = difference(ours, pair.theirs, pair.known.is_some(), order.day) else { continue };
        if kind == Difference::Timing && corrected.contains(&about.code()) {
            continue; // it is late in the books because a person had to put it there
        }
        let (id, status) = items::keep(tx, order, &found(kind, about, pair, ours)).await?;
        open += i32::from(status == "open");
        seen.push(id);
    }
    close_gone(tx, order, &seen).await?;
    finish(tx, &before, source, i32::try_from(told).unwrap_or(i32::MAX), open, learned).await
}

fn is_of(movement: &AccountMovement, order: &Order) -> bool {
    movement.at.is_none_or(|at| at.date_naive() == order.day)
}

/// Everything either side tells of this day, each thing once; what the provider told of it the days around counts too.
async fn pairs(
    tx: &mut Tx,
    order: &Order,
    movements: Vec<AccountMovement>,
    source: &str,
) -> Result<BTreeMap<About, Pair>> {
    let matched = books::match_movements(tx, &order.account, &movements).await?;
    let mut pairs: BTreeMap<About, Pair> = BTreeMap::new();
    for (movement, (about, known)) in movements.into_iter().zip(matched) {
        let pair = pairs.entry(about).or_default();
        let side = pair.theirs.get_or_insert(Side { amount: 0, fee: Some(0), at: movement.at });
        side.amount += movement.amount.amount;
        side.fee = side.fee.zip(movement.fee).map(|(sum, fee)| sum + fee);
        pair.today |= is_of(&movement, order);
        pair.known = pair.known.take().or(known);
        pair.first.get_or_insert(movement);
    }
    let (from, before) = span(order.day);
    for known in books::booked_between(tx, order.account.id, from, before).await? {
        // refunds of a provider without a list cannot be asked after
        if source == "list" || known.purpose != "refund" {
            let pair = pairs.entry(About::Payment(known.id)).or_default();
            pair.today = true;
            pair.known.get_or_insert(known);
        }
    }
    pairs.retain(|_, pair| pair.today);
    Ok(pairs)
}

/// What a collection cost is told by the list alone: that is news, not a difference.
async fn learn_fee(tx: &mut Tx, order: &Order, about: &About, ours: Side, pair: &Pair) -> Result<bool> {
    let fee = pair.theirs.and_then(|theirs| theirs.fee).filter(|fee| *fee != 0);
    match (about, ours.fee, fee) {
        (About::Payment(payment), None, Some(fee)) if ours.amount != 0 => {
            let fee = Money { amount: fee, currency: order.account.currency };
            postings::provider_fee(tx, *payment, order.account.id, fee).await
        }
        _ => Ok(false),
    }
}

fn found(kind: Difference, about: &About, pair: &Pair, ours: Side) -> Found {
    let theirs = pair.theirs.unwrap_or_default();
    let (mine, other) = match kind {
        Difference::Fee => (ours.fee.unwrap_or_default(), theirs.fee.unwrap_or_default()),
        _ => (ours.amount, theirs.amount),
    };
    let status = pair.known.as_ref().map(|known| known.status.clone());
    // by the ordinary rules where they still lead somewhere, else what is left waits in suspense
    let by_rules = |status: &String| !matches!(status.as_str(), "succeeded");
    let proposal = match kind {
        Difference::Status if status.as_ref().is_some_and(by_rules) => "settle",
        Difference::Fee => "adjust_fee",
        Difference::Timing => "accept",
        _ => "adjust",
    };
    Found {
        kind,
        about: about.clone(),
        payment: pair.known.as_ref().map(|known| known.id),
        our_status: status,
        checkout_ref: pair.first.as_ref().and_then(|first| first.checkout_ref.clone()),
        movement_ref: pair.first.as_ref().map(|first| first.reference.clone()),
        ours: mine,
        theirs: other,
        their_fee: theirs.fee,
        our_at: ours.at,
        their_at: theirs.at,
        proposal,
    }
}

/// What tickets of this day were about whose fix was applied.
async fn corrected(tx: &mut Tx, order: &Order) -> Result<HashSet<String>> {
    let filter = items::Filter {
        account: Some(order.account.id),
        day: Some(order.day),
        statuses: vec!["applied".into()],
        ..items::Filter::default()
    };
    let applied = items::list(tx, &filter, Page { limit: i64::MAX, offset: 0 }).await?.items;
    Ok(applied.into_iter().map(|item| item.about).collect())
}

/// Tickets of this day whose difference is no more: a late event settled it.
async fn close_gone(tx: &mut Tx, order: &Order, seen: &[ReconciliationItemId]) -> Result<()> {
    let filter = items::Filter {
        account: Some(order.account.id),
        day: Some(order.day),
        statuses: vec!["open".into()],
        ..items::Filter::default()
    };
    let open = items::list(tx, &filter, Page { limit: i64::MAX, offset: 0 }).await?.items;
    let gone: Vec<Item> = open.into_iter().filter(|item| !seen.contains(&item.id)).collect();
    for item in gone {
        items::decide(tx, &item, "gone", None).await?;
    }
    Ok(())
}

async fn finish(tx: &mut Tx, before: &Run, source: &str, told: i32, open: i32, learned: i32) -> Result<Run> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update reconciliation_runs set source = $3, movements = $4, found = $5, fees_learned = $6, finished_at = $7
         where org_id = $1 and id = $2",
        org.0,
        before.id.0,
        source,
        told,
        open,
        learned,
        now
    )
    .execute(tx.conn())
    .await?;
    let after = find_run(tx, before.id).await?;
    tx.record(Change::moved("reconciliation_run", before.id, before, &after));
    metrics::counter!("reconciliation_runs_total", "source" => source.to_owned()).increment(1);
    if open > 0 {
        metrics::counter!("reconciliation_differences_total").increment(u64::try_from(open).unwrap_or_default());
        tracing::error!(account = %before.account, day = %before.day, open, "the books and a provider differ: a person must look");
    }
    Ok(after)
}
