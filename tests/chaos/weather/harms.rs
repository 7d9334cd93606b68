//! Harm done by hand, and the count of the sight that must rise by it.

use super::sight::Sight;

/// A harm, how it is done, and where it shows.
pub type Harm = (&'static str, &'static str, fn(&Sight) -> i64);

pub const HARMS: [Harm; 9] = [
    (
        "money of one provider in another's account",
        "with held as (select e.id, e.account_id::text as at from entries e
                       join accounts a on a.org_id = e.org_id and a.id = e.account_id and a.kind = 'provider'),
              two as (select (select id from held where at = (select min(at) from held) limit 1) as one,
                             (select id from held where at = (select max(at) from held) limit 1) as other)
         update entries e set amount = amount + case when e.id = two.one then 7 else -7 end
         from two where e.id in (two.one, two.other)",
        |sight| sight.unexplained,
    ),
    (
        "a payment forgotten",
        "update payments set status = 'expired' where id = (select id from payments where purpose = 'booking'
                                                            and status = 'succeeded' limit 1)",
        |sight| sight.lost,
    ),
    (
        "a payment believed that nobody made",
        "update payments set status = 'succeeded' where id = (select id from payments where purpose = 'booking'
             and status = 'expired' and transaction_ref is null limit 1)",
        |sight| sight.forged_accepted,
    ),
    (
        "a payment without an end",
        "update payments set status = 'unknown' where id = (select id from payments where purpose = 'booking'
             and status = 'expired' limit 1)",
        |sight| sight.stuck,
    ),
    (
        "a refund forgotten",
        "update payments set status = 'failed' where id = (select id from payments where purpose = 'refund'
             and status = 'succeeded' and transaction_ref is null limit 1)",
        |sight| sight.lost,
    ),
    (
        "a refund that was never sent",
        "update payments set transaction_ref = null where id = (select id from payments where purpose = 'refund'
             and status = 'succeeded' and transaction_ref is not null limit 1)",
        |sight| sight.unexplained,
    ),
    (
        "a posting made twice",
        "insert into ledger_transactions (org_id, id, kind, subject_type, subject_id, payment_id, dedupe_key, occurred_at)
         select org_id, gen_random_uuid(), kind, subject_type, subject_id, payment_id, 'again', occurred_at
         from ledger_transactions where payment_id is not null limit 1",
        |sight| sight.dup_effects,
    ),
    ("an entry gone", "delete from entries where id = (select id from entries limit 1)", |sight| sight.ledger_sum.abs()),
    (
        "a dispute forgotten",
        "update payments set provider_ref = 'dp_nobody' where id = (select id from payments where purpose = 'chargeback'
                                                                    limit 1)",
        |sight| sight.lost,
    ),
];
