//! One verdict over everything, from the tables and the provider's books, trusting neither constraints nor code.

use crate::{claims::explain_overlaps, money, post_room, settle::Open, stage::Stage};
use domain::{db::Scope, invariants};
use std::fmt;

/// What the oracle saw.
#[derive(Debug, Default, Clone)]
pub struct Verdict {
    pub accepted: u64,
    pub lost: i64,
    pub dup_effects: i64,
    pub stuck: i64,
    pub ledger_sum: i64,
    pub overlaps: i64,
    pub unexplained: i64,
    pub resume_p99_s: f64,
    /// What each count stands for.
    pub details: Vec<String>,
}

impl Verdict {
    pub fn harmless(&self) -> bool {
        self.accepted > 0
            && [self.lost, self.dup_effects, self.stuck, self.ledger_sum, self.overlaps, self.unexplained] == [0; 6]
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "accepted={} lost={} dup_effects={} stuck={} ledger_sum={} overlaps={} unexplained={} resume_p99_s={:.1}",
            self.accepted,
            self.lost,
            self.dup_effects,
            self.stuck,
            self.ledger_sum,
            self.overlaps,
            self.unexplained,
            self.resume_p99_s
        )
    }
}

/// Looks at everything. `open` is what did not settle.
pub async fn speak(stage: &Stage, open: &Open, posted: &[String]) -> Verdict {
    let money = money::compare(stage, posted).await;
    let mut details = Vec::new();
    let broken = broken_promises(stage, &mut details).await;
    let doubled = doubled_rows(stage, &mut details).await + repeated_texts(stage, &mut details).await;
    let verdict = Verdict {
        accepted: money.accepted,
        lost: count(&money.lost),
        dup_effects: count(&money.doubled) + doubled,
        stuck: open.stuck(),
        ledger_sum: ledger_sum(stage).await,
        overlaps: overlaps(stage).await,
        unexplained: count(&money.unexplained) + broken,
        resume_p99_s: 0.0,
        details: Vec::new(),
    };
    if verdict.overlaps > 0 {
        details.extend(explain_overlaps(&stage.eyes).await.unwrap());
    }
    if open.stuck() > 0 {
        details.push(format!("still open: {open:?}"));
        details.extend(stuck(stage).await);
    }
    details.extend(money.lost.into_iter().chain(money.doubled).chain(money.unexplained));
    Verdict { details, ..verdict }
}

fn count(lines: &[String]) -> i64 {
    i64::try_from(lines.len()).unwrap()
}

/// The sum over all entries; without a sum, the number of transactions that do not balance on their own.
pub async fn ledger_sum(stage: &Stage) -> i64 {
    let total = stage.number("select coalesce(sum(amount), 0)::bigint from entries where org_id = $1").await;
    let unbalanced = stage
        .number(
            "select count(*) from (select from entries where org_id = $1 group by transaction_id, currency
                                   having sum(amount) <> 0) as bad",
        )
        .await;
    if total == 0 { unbalanced } else { total }
}

async fn overlaps(stage: &Stage) -> i64 {
    stage
        .number(
            "select count(*) from claims a join claims b
             on b.org_id = a.org_id and b.unit_id = a.unit_id and b.id > a.id and b.during && a.during
             where a.org_id = $1 and a.active and b.active",
        )
        .await
}

/// Effects that may happen once per payment, booking or person, and happened more often.
pub async fn doubled_rows(stage: &Stage, details: &mut Vec<String>) -> i64 {
    let queries = [
        (
            "ledger transactions of one kind for one payment",
            "select count(*) from (select from ledger_transactions where org_id = $1 and payment_id is not null
                                   and kind <> 'dispute_fee' -- charged, and given back to who has won
                                   group by payment_id, kind having count(*) > 1) as bad",
        ),
        (
            "money in for one booking that kept it",
            "select count(*) from (select from ledger_transactions where org_id = $1 and kind = 'booking_paid'
                                   group by subject_id having count(*) > 1) as bad",
        ),
        (
            "notices of one kind to one person about one thing",
            "select count(*) from (select from notifications where org_id = $1
                                   and kind in ('booking_confirmed', 'booking_cancelled', 'refund_sent', 'payout_sent')
                                   -- one that came back may be sent again
                                   and not exists (select from notifications f where f.org_id = $1
                                                   and f.subject_id = notifications.subject_id
                                                   and f.kind in ('refund_failed', 'payout_failed'))
                                   group by user_id, kind, subject_id having count(*) > 1) as bad",
        ),
        (
            "payouts of one earning",
            "select count(*) from (select from payout_lines where org_id = $1 and released_at is null
                                   group by entry_id having count(*) > 1) as bad",
        ),
    ];
    let mut total = 0;
    for (what, sql) in queries {
        let found = stage.number(sql).await;
        if found > 0 {
            details.push(format!("more than one: {what} ({found})"));
        }
        total += found;
    }
    total
}

/// A text message carries no key that would make its repeat recognisable: nobody may get more than we wrote.
async fn repeated_texts(stage: &Stage, details: &mut Vec<String>) -> i64 {
    let written: Vec<(String, i64)> = sqlx::query_as(
        "select address, count(*) from deliveries where org_id = $1 and channel = 'sms' group by address",
    )
    .bind(stage.app.org.0)
    .fetch_all(&stage.eyes)
    .await
    .unwrap();
    let mut repeated = 0;
    for (address, written) in written {
        let sent = stage.app.wave.state().read(|books| books.sms.tagged(&address).len());
        let more = i64::try_from(sent).unwrap() - written;
        if more > 0 {
            details.push(format!("{more} more texts than written to one person"));
            repeated += more;
        }
    }
    repeated
}

/// The promises of the product itself, beyond those counted on their own.
pub async fn broken_promises(stage: &Stage, details: &mut Vec<String>) -> i64 {
    let mut tx = stage.app.db.begin(Scope::nowhere()).await.unwrap();
    let mut broken = 0;
    for check in invariants::check_all(&mut tx).await.unwrap() {
        if check.violations > 0 {
            details.push(format!("{} broken {} times: {}", check.name, check.violations, check.sample));
        }
        let counted_elsewhere = ["ledger_zero_sum", "no_overlapping_claims"].contains(&check.name.as_str());
        broken += if counted_elsewhere { 0 } else { check.violations };
    }
    broken
}

pub async fn stuck(stage: &Stage) -> Vec<String> {
    let sql = "select format('payment %s %s x%s', purpose, status, count(*)) from payments
               where status in ('created', 'submitted', 'authorized', 'scheduled', 'processing') group by purpose, status
               union all select format('operation %s %s x%s', kind, status, count(*)) from operations
               where status in ('queued', 'running', 'waiting') group by kind, status
               union all select format('event %s x%s', status, count(*)) from inbound_events
               where status in ('received', 'parked', 'linked') group by status
               union all select format('delivery %s %s x%s', channel, status, count(*)) from deliveries
               where status in ('queued', 'sending') group by channel, status
               union all select format('booking %s x%s', status, count(*)) from bookings
               where status in ('pending', 'approved') group by status";
    let mut lines: Vec<String> = sqlx::query_scalar(post_room::UNFINISHED).fetch_all(&stage.eyes).await.unwrap();
    lines.extend(sqlx::query_scalar::<_, String>(sql).fetch_all(&stage.eyes).await.unwrap());
    lines
}
