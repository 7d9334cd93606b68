//! The oracle must be able to say no: after a short quiet run, each kind of harm is done by hand, and it must notice.

use crate::{
    load::Load,
    luck::Luck,
    oracle::{self, Verdict},
    settle::{Open, settle},
    stage::Stage,
    workers::Workers,
};
use sqlx::AssertSqlSafe;
use std::time::{Duration, Instant};

/// A harm, how it is done behind the back of triggers and keys, and the count that must rise.
type Harm = (&'static str, &'static str, fn(&Verdict) -> i64);

const HARMS: [Harm; 7] = [
    (
        "a payment forgotten",
        "update payments set status = 'failed' where id = (select id from payments where purpose = 'booking'
                                                          and status = 'succeeded' limit 1)",
        |verdict| verdict.lost,
    ),
    (
        "a posting made twice",
        "insert into ledger_transactions (org_id, id, kind, subject_type, subject_id, payment_id, dedupe_key, occurred_at)
         select org_id, gen_random_uuid(), kind, subject_type, subject_id, payment_id, 'again', occurred_at
         from ledger_transactions where payment_id is not null limit 1",
        |verdict| verdict.dup_effects,
    ),
    (
        "a job that nobody runs",
        "insert into queue.jobs (id, queue, kind, run_at, payload) values (gen_random_uuid(), 'nobody', 'none', now(), '{}')",
        |verdict| verdict.stuck,
    ),
    (
        "a dead letter",
        "insert into queue.dead (id, queue, kind, reason, attempts, deaths, priority, payload, created_at)
         values (gen_random_uuid(), 'nobody', 'none', '', 1, 0, 0, '{}', now())",
        |verdict| verdict.stuck,
    ),
    ("an entry gone", "delete from entries where id = (select id from entries limit 1)", |verdict| verdict.ledger_sum),
    (
        "a seat sold twice",
        "alter table claims drop constraint claims_no_overlap;
         insert into claims (org_id, id, unit_id, during, source, source_id, active)
         select org_id, gen_random_uuid(), unit_id, during, source, source_id, true from claims where active limit 1",
        |verdict| verdict.overlaps,
    ),
    (
        "money in suspense",
        "update entries set account_id = (select id from accounts where kind = 'commission' limit 1)
         where id = (select e.id from entries e join accounts a on a.id = e.account_id where a.kind = 'provider' limit 1)",
        |verdict| verdict.unexplained,
    ),
];

pub async fn run(mut luck: Luck) -> bool {
    let stage = Stage::set().await;
    let mut workers = Workers::start(&stage);
    let load = Load::new(&stage.app, Instant::now() + Duration::from_secs(8));
    load.flow(&mut luck).await;
    settle(&stage, Duration::from_secs(30)).await;
    let posted = load.posted.into_inner().unwrap();
    let troubles = load.troubles.into_inner();
    let mut before = oracle::speak(&stage, &Open::look(&stage).await, &posted).await;
    let (whole, fallen) = (before.harmless() && troubles == 0, workers.fallen());
    workers.stop().await;
    let mut noticed = 0;
    for (harm, sql, count) in HARMS {
        let sql = format!("set session_replication_role = replica; {sql}; reset session_replication_role");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&stage.eyes).await.unwrap();
        let after = oracle::speak(&stage, &Open::look(&stage).await, &posted).await;
        let seen = count(&after).abs() > count(&before).abs();
        println!("  {harm}: {}", if seen { "noticed" } else { "NOT NOTICED" });
        noticed += usize::from(seen);
        before = after;
    }
    println!("chaos oracle harmless_at_first={whole} noticed={noticed} of={}", HARMS.len());
    stage.strike().await;
    whole && fallen == 0 && noticed == HARMS.len()
}
