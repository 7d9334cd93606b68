//! What was seen of the money while it moved, and what is left when it has come to rest.

use super::Field;
use domain::{db::Scope, invariants};
use std::{collections::BTreeMap, fmt};

/// The counts in which wrong would show; each must be 0.
pub struct Wrong {
    counts: BTreeMap<&'static str, i64>,
    /// Promises of the product's own that do not hold.
    broken: Vec<String>,
}

/// Looked at in every commit, by triggers of our own.
const IN_EVERY_COMMIT: [&str; 6] =
    ["ledger_sum", "escrow_overdrawn", "over_refunded", "under_floor", "paid_twice", "over_promised"];
/// Looked at when all has come to rest.
const AT_REST: [(&str, &str); 4] = [
    (
        "books_sum",
        "select coalesce(sum(abs(s)), 0)::bigint from (select sum(amount) as s from entries group by currency) t",
    ),
    (
        "balances_off",
        "select count(*) from accounts a where a.owner_type = 'user' and a.cached_balance <>
             (select coalesce(sum(e.amount), 0) from entries e where e.org_id = a.org_id and e.account_id = a.id)",
    ),
    (
        "transit_overdrawn",
        "select count(*) from (select a.kind, sum(e.amount) as s from entries e
             join accounts a on a.org_id = e.org_id and a.id = e.account_id
             where a.kind in ('escrow', 'refund_transit', 'payout_transit') group by a.kind) t where t.s > 0",
    ),
    (
        "payments_open",
        "select count(*) from payments where status in
             ('created', 'submitted', 'authorized', 'unknown', 'scheduled', 'processing') and purpose <> 'chargeback'",
    ),
];

impl Wrong {
    /// Everything there is to see.
    pub(super) async fn of(field: &Field) -> Self {
        let mut wrong = BTreeMap::new();
        for what in IN_EVERY_COMMIT {
            let seen = sqlx::query_scalar("select count(*) from witness.wrong where what = $1").bind(what);
            wrong.insert(what, seen.fetch_one(&field.owner).await.unwrap());
        }
        for (what, sql) in AT_REST {
            wrong.insert(what, sqlx::query_scalar(sql).fetch_one(&field.owner).await.unwrap());
        }
        let held: i64 = sqlx::query_scalar(
            "select coalesce(sum(e.amount), 0)::bigint from entries e
             join accounts a on a.org_id = e.org_id and a.id = e.account_id and a.kind = 'provider'",
        )
        .fetch_one(&field.owner)
        .await
        .unwrap();
        wrong.insert("provider_minus_books", field.provider.holds() - held);
        // what drivers earned is with them, or still owed
        let (earned, owed): (i64, i64) = sqlx::query_as(
            "select coalesce(-sum(e.amount) filter (where t.kind in ('booking_completed', 'driver_penalty')), 0)::bigint,
                    coalesce(-sum(e.amount), 0)::bigint
             from entries e join accounts a on a.org_id = e.org_id and a.id = e.account_id and a.kind = 'earnings'
             join ledger_transactions t on t.org_id = e.org_id and t.id = e.transaction_id",
        )
        .fetch_one(&field.owner)
        .await
        .unwrap();
        let paid: Vec<uuid::Uuid> = field.provider.paid_out();
        let paid: i64 = sqlx::query_scalar(
            "select coalesce(sum(amount), 0)::bigint from payments where purpose = 'payout' and id = any($1)",
        )
        .bind(paid)
        .fetch_one(&field.owner)
        .await
        .unwrap();
        wrong.insert("paid_minus_earned", paid + owed - earned);
        let mut tx = field.db.begin(Scope::nowhere()).await.unwrap();
        let checks = invariants::check_all(&mut tx).await.unwrap();
        wrong.insert("promises_broken", checks.iter().map(|check| check.violations).sum());
        let broken = checks.iter().filter(|check| check.violations > 0);
        Self { counts: wrong, broken: broken.map(|check| format!("{} {}", check.name, check.sample)).collect() }
    }

    /// One of the counts.
    pub fn count(&self, what: &str) -> i64 {
        self.counts[what]
    }

    /// Whether all of them are 0.
    pub fn none(&self) -> bool {
        self.counts.values().all(|count| *count == 0)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts.iter().map(|(what, count)| format!("{what}={count}"));
        f.write_str(&counts.chain(self.broken.iter().cloned()).collect::<Vec<_>>().join(" "))
    }
}
