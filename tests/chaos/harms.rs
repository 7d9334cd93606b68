//! Harm done by hand, behind the back of triggers and keys, and the sign by which it must be noticed.

use crate::oracle::Verdict;

/// Where it shows.
pub enum Sign {
    /// A count of the oracle rises.
    Count(fn(&Verdict) -> i64),
    /// A case's figure moves out of what is demanded.
    Figure(&'static str),
}

/// A harm, and how it is done.
pub type Harm = (&'static str, &'static str, Sign);

use Sign::{Count, Figure};

pub const HARMS: [Harm; 19] = [
    (
        "a payment forgotten",
        "update payments set status = 'failed' where id = (select id from payments where purpose = 'booking'
                                                          and status = 'succeeded' limit 1)",
        Count(|verdict| verdict.lost),
    ),
    (
        "a posting made twice",
        "insert into ledger_transactions (org_id, id, kind, subject_type, subject_id, payment_id, dedupe_key, occurred_at)
         select org_id, gen_random_uuid(), kind, subject_type, subject_id, payment_id, 'again', occurred_at
         from ledger_transactions where payment_id is not null limit 1",
        Count(|verdict| verdict.dup_effects),
    ),
    (
        "a job that nobody runs",
        "insert into queue.jobs (id, queue, kind, run_at, payload) values (gen_random_uuid(), 'nobody', 'none', now(), '{}')",
        Count(|verdict| verdict.stuck),
    ),
    (
        "a dead letter",
        "insert into queue.dead (id, queue, kind, reason, attempts, deaths, priority, payload, created_at)
         values (gen_random_uuid(), 'nobody', 'none', '', 0, 0, 0, '{}', now())",
        Count(|verdict| verdict.stuck),
    ),
    ("an entry gone", "delete from entries where id = (select id from entries limit 1)", Count(|v| v.ledger_sum)),
    (
        "a seat sold twice",
        "alter table claims drop constraint claims_no_overlap;
         insert into claims (org_id, id, unit_id, during, source, source_id, active)
         select org_id, gen_random_uuid(), unit_id, during, source, source_id, true from claims where active limit 1",
        Count(|verdict| verdict.overlaps),
    ),
    (
        "money in suspense",
        "update entries set account_id = (select id from accounts where kind = 'commission' limit 1)
         where id = (select e.id from entries e join accounts a on a.id = e.account_id where a.kind = 'provider' limit 1)",
        Count(|verdict| verdict.unexplained),
    ),
    (
        "an effect of a worker that had lost its lease",
        "insert into chaos.traces (job, member, what) values (gen_random_uuid(), 'somebody', 'effect')",
        Figure("stale_accepted"),
    ),
    (
        "a job that ended twice",
        "insert into queue.history select * from queue.history where kind = 'chaos.long' and outcome = 'done' limit 1",
        Figure("stale_accepted"),
    ),
    (
        "an attempt charged",
        "update queue.history set attempt = 2 where outcome = 'done' and id = (select id from queue.history where outcome = 'done' limit 1)",
        Figure("attempts_charged"),
    ),
    (
        "a slot that fired twice",
        "insert into chaos.posted select * from chaos.posted order by at limit 1",
        Figure("fires_per_slot_max"),
    ),
    (
        "a slot that did not fire",
        "delete from chaos.posted where xid = (select xid from chaos.ticked order by slot offset 2 limit 1)",
        Figure("missed"),
    ),
    (
        "a poison too many in quarantine",
        "insert into queue.dead (id, queue, kind, reason, attempts, deaths, priority, payload, created_at)
         values (gen_random_uuid(), 'chaos', 'chaos.poison', '', 0, 4, 0, '{}', now())",
        Figure("quarantined"),
    ),
    ("a poison that killed once more", "update queue.dead set deaths = 5 where kind = 'chaos.poison'", Figure("deaths_each")),
    (
        "a neighbour blamed",
        "insert into queue.dead (id, queue, kind, reason, attempts, deaths, priority, payload, created_at)
         values (gen_random_uuid(), 'chaos', 'chaos.plain', '', 0, 3, 0, '{}', now())",
        Figure("neighbours_quarantined"),
    ),
    (
        "a neighbour lost",
        "delete from queue.history where id = (select id from queue.history where kind = 'chaos.plain' limit 1)",
        Figure("neighbours_lost"),
    ),
    (
        "neighbours slowed down",
        "delete from queue.history where id in (select id from queue.history where kind = 'chaos.plain'
             order by ended_at desc limit (select count(*) / 10 from queue.history where kind = 'chaos.plain'))",
        Figure("neighbours_pace"),
    ),
    (
        "neighbours standing still",
        "delete from queue.history where id in (select id from queue.history where kind = 'chaos.plain'
             order by ended_at desc limit (select count(*) / 5 from queue.history where kind = 'chaos.plain'))",
        Figure("neighbours_standstill_s"),
    ),
    (
        "a pace that never comes back",
        "delete from queue.history where kind = 'chaos.plain' and ended_at >
             (select min(ended_at) + interval '6 seconds' from queue.history where kind = 'chaos.plain')",
        Figure("pace_back_s"),
    ),
];
