//! The provider's books beside ours, payment by payment and as a whole.

use crate::stage::Stage;
use integrations::payments::wave::wire::{PaymentStatus, PayoutStatus};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Where the two disagree; each line says what.
#[derive(Default)]
pub struct Differences {
    pub accepted: u64,
    pub lost: Vec<String>,
    pub doubled: Vec<String>,
    pub unexplained: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct Ours {
    id: Uuid,
    purpose: String,
    amount: i64,
    status: String,
    parent_id: Option<Uuid>,
}

/// Compares. `posted` are the payments the API took on.
pub async fn compare(stage: &Stage, posted: &[String]) -> Differences {
    let ours: Vec<Ours> =
        sqlx::query_as("select id, purpose, amount, status, parent_id from payments where org_id = $1")
            .bind(stage.app.org.0)
            .fetch_all(&stage.eyes)
            .await
            .unwrap();
    let ours: HashMap<String, Ours> = ours.into_iter().map(|row| (row.id.to_string(), row)).collect();
    let mut found = Differences::default();
    let came = came_in(stage, &ours, posted, &mut found);
    let back = went_back(stage, &ours, &mut found);
    let out = went_out(stage, &ours, &mut found);
    let (theirs, books) = (came - back - out, stage.app.balance("provider").await);
    if theirs != books {
        found.unexplained.push(format!("the provider holds {theirs} of this run, our books say {books}"));
    }
    for kind in ["suspense", "refund_transit", "payout_transit"] {
        let left = stage.app.balance(kind).await;
        if left != 0 {
            found.unexplained.push(format!("{left} in {kind}"));
        }
    }
    found
}

fn came_in(stage: &Stage, ours: &HashMap<String, Ours>, posted: &[String], found: &mut Differences) -> i64 {
    let (mut came, mut seen) = (0, HashSet::new());
    let posted: HashSet<&str> = posted.iter().map(String::as_str).collect();
    let paid = stage.app.wave.state().checkouts();
    for checkout in paid.iter().filter(|c| c.session.payment_status == PaymentStatus::Succeeded) {
        came += checkout.francs();
        let reference = checkout.session.client_reference.clone().unwrap_or_default();
        let record = ours.get(&reference);
        let accepted = posted.contains(reference.as_str());
        found.accepted += u64::from(accepted);
        match record {
            Some(payment) if payment.status == "succeeded" && payment.amount == checkout.francs() => {}
            Some(payment) if accepted => found.lost.push(format!("payment {reference} is {}", payment.status)),
            Some(payment) => found.unexplained.push(format!("payment {reference} is {}", payment.status)),
            None => found.lost.push(format!("nobody knows payment {reference}")),
        }
        if !seen.insert(reference.clone()) {
            found.doubled.push(format!("payment {reference} was paid twice"));
        }
    }
    for payment in ours.values().filter(|row| row.purpose == "booking" && row.status == "succeeded") {
        if !seen.contains(&payment.id.to_string()) {
            found.unexplained.push(format!("payment {} succeeded, but nobody paid", payment.id));
        }
    }
    for payment in ours.values().filter(|row| row.status == "unknown") {
        found.unexplained.push(format!("payment {} is unknown", payment.id));
    }
    came
}

fn went_back(stage: &Stage, ours: &HashMap<String, Ours>, found: &mut Differences) -> i64 {
    let refunded = ours.values().filter(|row| row.purpose == "refund" && row.status == "succeeded");
    let refunded: Vec<String> = refunded.filter_map(|row| row.parent_id).map(|parent| parent.to_string()).collect();
    let sent = stage.app.wave.state().refunds();
    let theirs: Vec<String> = sent.iter().map(|refund| refund.client_reference.clone().unwrap_or_default()).collect();
    twice("refund of", &theirs, found);
    twice("refund recorded of", &refunded, found);
    apart("refund of", &theirs, &refunded, &mut found.unexplained);
    sent.iter().map(|refund| refund.amount).sum()
}

fn went_out(stage: &Stage, ours: &HashMap<String, Ours>, found: &mut Differences) -> i64 {
    let sent = stage.app.wave.state().payouts();
    let paid = |status| matches!(status, PayoutStatus::Succeeded | PayoutStatus::Processing);
    let sent: Vec<_> = sent.iter().filter(|payout| paid(payout.payout.status)).collect();
    let theirs: Vec<String> = sent.iter().map(|p| p.payout.client_reference.clone().unwrap_or_default()).collect();
    twice("payout", &theirs, found);
    for reference in &theirs {
        match ours.get(reference) {
            Some(payout) if payout.status == "succeeded" => {}
            other => found.lost.push(format!("payout {reference} is {:?}", other.map(|row| &row.status))),
        }
    }
    let recorded = ours.values().filter(|row| row.purpose == "payout" && row.status == "succeeded");
    let recorded: Vec<String> = recorded.map(|row| row.id.to_string()).collect();
    apart(
        "payout",
        &[],
        &recorded.into_iter().filter(|id| !theirs.contains(id)).collect::<Vec<_>>(),
        &mut found.unexplained,
    );
    let francs = |amount: &integrations::payments::wave::wire::Amount| amount.0.parse::<i64>().unwrap();
    sent.iter().map(|payout| payout.francs() + payout.payout.fee.as_ref().map_or(0, francs)).sum()
}

fn twice(what: &str, references: &[String], found: &mut Differences) {
    let mut seen = HashSet::new();
    let again = references.iter().filter(|reference| !seen.insert(*reference));
    found.doubled.extend(again.map(|reference| format!("{what} {reference} happened twice")));
}

fn apart(what: &str, theirs: &[String], ours: &[String], unexplained: &mut Vec<String>) {
    let only_there =
        theirs.iter().filter(|id| !ours.contains(id)).map(|id| format!("{what} {id} only at the provider"));
    let only_here = ours.iter().filter(|id| !theirs.contains(id)).map(|id| format!("{what} {id} only in our books"));
    unexplained.extend(only_there.chain(only_here));
}
