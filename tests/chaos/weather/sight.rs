//! Every provider's books beside ours, payment by payment and as a whole; from the tables, trusting neither constraints nor
//! code.

use super::tally::Tally;
use crate::{oracle, settle::Open, stage::Stage};
use integrations::payments::{
    stripe::wire::{Dispute, DisputeStatus},
    wave::wire::{Amount, PaymentStatus, PayoutStatus},
};
use sandbox::{Collection, Movement, State};
use std::{collections::HashMap, fmt, sync::atomic::Ordering};
use uuid::Uuid;

const REFUND_OF: &str = "refund of ";

/// What was seen; all but the first are harm.
#[derive(Debug, Default, Clone)]
pub struct Sight {
    pub accepted: i64,
    pub forged_accepted: i64,
    pub lost: i64,
    pub dup_effects: i64,
    pub stuck: i64,
    pub unexplained: i64,
    pub ledger_sum: i64,
    pub details: Vec<String>,
}

impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "accepted={} forged_accepted={} lost={} dup_effects={} stuck={} unexplained={} ledger_sum={}",
            self.accepted,
            self.forged_accepted,
            self.lost,
            self.dup_effects,
            self.stuck,
            self.unexplained,
            self.ledger_sum
        )
    }
}

#[derive(sqlx::FromRow)]
struct Ours {
    id: Uuid,
    purpose: String,
    method: String,
    amount: i64,
    status: String,
    parent_id: Option<Uuid>,
    provider_ref: Option<String>,
    transaction_ref: Option<String>,
}

impl Ours {
    /// A refund that a person sent: no provider knows it.
    fn by_hand(&self) -> bool {
        self.purpose == "refund" && self.status == "succeeded" && self.transaction_ref.is_some()
    }
}

/// Money a provider moved, named by our payment.
struct Moved {
    provider: &'static str,
    payment: String,
    amount: i64,
}

impl Sight {
    pub fn harmless(&self) -> bool {
        let harm = [self.forged_accepted, self.lost, self.dup_effects, self.stuck, self.unexplained, self.ledger_sum];
        self.accepted > 0 && harm == [0; 6]
    }

    pub async fn of(stage: &Stage, tally: &Tally) -> Self {
        let mut sight = Self::default();
        let rows: Vec<Ours> = sqlx::query_as(
            "select id, purpose, method, amount, status, parent_id, provider_ref, transaction_ref from payments
             where org_id = $1",
        )
        .bind(stage.app.org.0)
        .fetch_all(&stage.eyes)
        .await
        .unwrap();
        let ours: HashMap<String, Ours> = rows.into_iter().map(|row| (row.id.to_string(), row)).collect();
        let (came, mut sent) = (came_in(stage), went_out(stage));
        name_refunds(&ours, &mut sent);
        sight.money_in(&ours, &came, tally);
        sight.money_out(&ours, &sent);
        sight.disputes(stage, &ours);
        sight.whole(stage, &ours, &came, &sent).await;
        sight.open(stage, &ours).await;
        sight.details.extend(tally.troubles.lock().unwrap().iter().cloned());
        sight.unexplained += i64::try_from(tally.troubles.lock().unwrap().len()).unwrap();
        sight.forged_accepted += i64::try_from(tally.forged_accepted.load(Ordering::Relaxed)).unwrap();
        sight
    }

    fn money_in(&mut self, ours: &HashMap<String, Ours>, came: &[Moved], tally: &Tally) {
        let posted = tally.posted.lock().unwrap();
        let mut times: HashMap<&str, u32> = HashMap::new();
        for paid in came {
            self.accepted += i64::from(posted.contains(&paid.payment));
            *times.entry(&paid.payment).or_default() += 1;
            match ours.get(&paid.payment) {
                Some(row) if row.status == "succeeded" && row.amount == paid.amount => {}
                row => {
                    self.lose(format!("paid at {}: {} is {:?}", paid.provider, paid.payment, row.map(|r| &r.status)));
                }
            }
        }
        for (payment, _) in times.iter().filter(|(_, times)| **times > 1) {
            self.dup_effects += 1;
            self.details.push(format!("{payment} was paid twice"));
        }
        for row in ours.values().filter(|row| row.purpose == "booking" && row.status == "succeeded") {
            if !times.contains_key(row.id.to_string().as_str()) {
                self.forged_accepted += 1;
                self.details.push(format!("{} {} succeeded, but nobody paid", row.method, row.id));
            }
        }
    }

    fn money_out(&mut self, ours: &HashMap<String, Ours>, sent: &[Moved]) {
        let mut times: HashMap<&str, u32> = HashMap::new();
        for out in sent {
            *times.entry(&out.payment).or_default() += 1;
            match ours.get(&out.payment) {
                Some(row) if row.status == "succeeded" && !row.by_hand() && row.amount == out.amount => {}
                row => self.lose(format!("sent at {}: {} is {:?}", out.provider, out.payment, row.map(|r| &r.status))),
            }
        }
        for (payment, _) in times.iter().filter(|(_, times)| **times > 1) {
            self.dup_effects += 1;
            self.details.push(format!("{payment} was sent twice"));
        }
        let out = ours.values().filter(|row| ["refund", "payout"].contains(&row.purpose.as_str()));
        for row in out.filter(|row| row.status == "succeeded" && !row.by_hand()) {
            if !times.contains_key(row.id.to_string().as_str()) {
                self.explain(format!("{} {} {} only in our books", row.method, row.purpose, row.id));
            }
        }
    }

    fn disputes(&mut self, stage: &Stage, ours: &HashMap<String, Ours>) {
        for told in stage.app.wave.state().disputes() {
            let found: Vec<&Ours> =
                ours.values().filter(|row| row.provider_ref.as_deref() == Some(&told.dispute.id)).collect();
            let expected = match told.dispute.status {
                DisputeStatus::Won => "failed",
                DisputeStatus::Lost => "succeeded",
                _ => "processing",
            };
            match found.as_slice() {
                [one] if one.status == expected && one.amount == told.dispute.amount => {}
                [] => self.lose(format!("nobody knows dispute {}", told.dispute.id)),
                [one] => self.explain(format!("dispute {} is {}", told.dispute.id, one.status)),
                _ => self.dup_effects += 1,
            }
        }
    }

    /// What each provider holds, as it says and as our books say; and nothing on the way or unclaimed.
    async fn whole(&mut self, stage: &Stage, ours: &HashMap<String, Ours>, came: &[Moved], sent: &[Moved]) {
        let held: Vec<(String, i64)> = sqlx::query_as(
            "select pa.provider, coalesce(sum(e.amount), 0)::bigint from provider_accounts pa
             left join accounts a on a.org_id = pa.org_id and a.owner_id = pa.id and a.kind = 'provider'
             left join entries e on e.org_id = a.org_id and e.account_id = a.id
             where pa.org_id = $1 group by pa.provider",
        )
        .bind(stage.app.org.0)
        .fetch_all(&stage.eyes)
        .await
        .unwrap();
        let of = |moves: &[Moved], provider: &str| -> i64 {
            moves.iter().filter(|moved| moved.provider == provider).map(|moved| moved.amount).sum()
        };
        for (provider, books) in held {
            let by_hand: i64 =
                ours.values().filter(|row| row.method == provider && row.by_hand()).map(|row| row.amount).sum();
            let fees = fees(stage, &provider) + learned(stage, &provider).await;
            let theirs = of(came, &provider) - of(sent, &provider) - fees - taken(stage, &provider);
            if theirs - by_hand != books {
                self.explain(format!("{provider} holds {} of this run, our books say {books}", theirs - by_hand));
            }
        }
        for kind in ["suspense", "refund_transit", "payout_transit"] {
            let left = stage.app.balance(kind).await;
            if left != 0 {
                self.explain(format!("{left} in {kind}"));
            }
        }
        self.ledger_sum = oracle::ledger_sum(stage).await;
    }

    async fn open(&mut self, stage: &Stage, ours: &HashMap<String, Ours>) {
        let open = Open::look(stage).await;
        self.stuck += open.stuck();
        if open.stuck() > 0 {
            self.details.push(format!("still open: {open:?}"));
            self.details.extend(oracle::stuck(stage).await);
        }
        for row in ours.values().filter(|row| !["succeeded", "failed", "expired"].contains(&row.status.as_str())) {
            self.stuck += 1;
            self.details.push(format!("{} {} {} is {}", row.method, row.purpose, row.id, row.status));
        }
        self.unexplained += oracle::broken_promises(stage, &mut self.details).await;
        self.dup_effects += oracle::doubled_rows(stage, &mut self.details).await;
    }

    fn lose(&mut self, what: String) {
        self.lost += 1;
        self.details.push(what);
    }

    fn explain(&mut self, what: String) {
        self.unexplained += 1;
        self.details.push(what);
    }
}

fn came_in(stage: &Stage) -> Vec<Moved> {
    let state = stage.app.wave.state();
    let paid = state.checkouts().into_iter().filter(|row| row.session.payment_status == PaymentStatus::Succeeded);
    let wave = paid.map(|row| Moved {
        provider: "wave",
        payment: row.session.client_reference.clone().unwrap_or_default(),
        amount: row.francs(),
    });
    let others = state.collections().into_iter().filter(|row| row.state == State::Done);
    let others = others.map(|row| Moved { provider: row.provider, payment: named(&row), amount: row.amount });
    wave.chain(others).collect()
}

/// Our payment: in the address its news go to, or as the reference itself.
fn named(row: &Collection) -> String {
    let address = row.callback.as_deref().and_then(|url| url.rsplit('/').nth(1));
    address.unwrap_or(&row.reference).to_owned()
}

fn went_out(stage: &Stage) -> Vec<Moved> {
    let state = stage.app.wave.state();
    let refunds = state.refunds().into_iter().filter_map(|row| {
        let parent = row.client_reference?;
        Some((parent, row.amount))
    });
    let mut sent: Vec<Moved> = Vec::new();
    for (parent, amount) in refunds {
        sent.push(Moved { provider: "wave", payment: format!("{REFUND_OF}{parent}"), amount });
    }
    let paid = |status| matches!(status, PayoutStatus::Succeeded | PayoutStatus::Processing);
    for row in state.payouts().into_iter().filter(|row| paid(row.payout.status)) {
        let payment = row.payout.client_reference.clone().unwrap_or_default();
        sent.push(Moved { provider: "wave", payment, amount: row.francs() });
    }
    for row in state.transfers().into_iter().filter(|row| row.state == State::Done) {
        sent.push(Moved { provider: row.provider, payment: row.reference.clone(), amount: row.amount });
    }
    sent
}

/// Wave names a refund by the payment it gives back: here it gets the name of our refund.
fn name_refunds(ours: &HashMap<String, Ours>, sent: &mut [Moved]) {
    for out in sent.iter_mut() {
        let Some(parent) = out.payment.strip_prefix(REFUND_OF) else { continue };
        let refund = ours.values().find(|row| {
            row.purpose == "refund" && row.parent_id.is_some_and(|id| id.to_string() == parent) && !row.by_hand()
        });
        if let Some(refund) = refund {
            out.payment = refund.id.to_string();
        }
    }
}

/// What Wave charges for payouts, on top.
fn fees(stage: &Stage, provider: &str) -> i64 {
    if provider != "wave" {
        return 0;
    }
    let francs = |amount: &Amount| amount.0.parse::<i64>().unwrap();
    let paid = |status| matches!(status, PayoutStatus::Succeeded | PayoutStatus::Processing);
    let payouts = stage.app.wave.state().payouts();
    payouts.iter().filter(|row| paid(row.payout.status)).filter_map(|row| row.payout.fee.as_ref()).map(francs).sum()
}

/// What Wave's list says it charged for payments whose fee our books have learned from it: those of days that are over.
async fn learned(stage: &Stage, provider: &str) -> i64 {
    if provider != "wave" {
        return 0;
    }
    let of: Vec<Uuid> =
        sqlx::query_scalar("select payment_id from ledger_transactions where org_id = $1 and kind = 'provider_fee'")
            .bind(stage.app.org.0)
            .fetch_all(&stage.eyes)
            .await
            .unwrap();
    let of: Vec<String> = of.iter().map(Uuid::to_string).collect();
    let about = |line: &&Movement| line.line.client_reference.as_ref().is_some_and(|about| of.contains(about));
    let fee = |line: &Movement| line.line.fee.as_ref().map_or(0, |fee| fee.0.parse::<i64>().unwrap());
    stage.app.wave.state().read(|books| books.movements.all()).iter().filter(about).map(fee).sum()
}

/// What payers' banks have taken.
fn taken(stage: &Stage, provider: &str) -> i64 {
    if provider != "card" {
        return 0;
    }
    let of = |dispute: &Dispute| {
        let amount = if dispute.status == DisputeStatus::Won { 0 } else { dispute.amount };
        amount + dispute.balance_transactions.iter().map(|charged| charged.fee).sum::<i64>()
    };
    stage.app.wave.state().disputes().iter().map(|row| of(&row.dispute)).sum()
}
