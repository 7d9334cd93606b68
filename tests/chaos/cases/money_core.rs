//! Random steps on money, many at once, by the product's own rules on a real database (issue 7, Must show 1). Then each
//! guard of the database is taken away in turn and its harm done: the eyes that looked must see it.
//! `CHAOS_TRANSITIONS` says how many.

use harness::{
    Options, TestApp,
    luck::Luck,
    money::{self, Field, Wrong},
};

const USUALLY: u64 = 20_000;

/// A harm, how it is done without the guard against it, and the count in which it must show.
const HARMS: [(&str, &str, &str); 8] = [
    (
        "a transaction that does not balance",
        "alter table entries disable trigger entries_zero_sum;
         insert into entries (org_id, id, transaction_id, account_id, amount, currency)
         select org_id, gen_random_uuid(), transaction_id, account_id, amount, currency from entries limit 1",
        "ledger_sum",
    ),
    (
        "a booking that earned twice",
        "with old as (select * from ledger_transactions where kind = 'booking_completed' limit 1),
         made as (insert into ledger_transactions (org_id, id, kind, subject_type, subject_id, dedupe_key, occurred_at)
                  select org_id, gen_random_uuid(), kind, subject_type, subject_id, 'again', occurred_at from old
                  returning org_id, id)
         insert into entries (org_id, id, transaction_id, account_id, amount, currency)
         select e.org_id, gen_random_uuid(), made.id, e.account_id, e.amount, e.currency
         from entries e join old on old.id = e.transaction_id, made",
        "escrow_overdrawn",
    ),
    (
        "a payment refunded twice",
        "drop index payments_one_refund;
         insert into payments (org_id, id, direction, purpose, subject_type, subject_id, user_id, method, provider_account_id,
                               provider_key, amount, currency, status, parent_id)
         select org_id, gen_random_uuid(), direction, purpose, subject_type, subject_id, user_id, method, provider_account_id,
                'again', amount + 1000000, currency, 'processing', parent_id
         from payments where purpose = 'refund' and status = 'succeeded' limit 1",
        "over_refunded",
    ),
    (
        "a wallet overdrawn",
        "alter table accounts drop constraint accounts_no_overdraft;
         update accounts set cached_balance = 5 where id = (select id from accounts where kind = 'wallet' limit 1)",
        "under_floor",
    ),
    (
        "an earning in two payouts",
        "drop index payout_lines_entry_once;
         insert into payout_lines (org_id, payout_id, entry_id)
         select l.org_id, (select id from payments where purpose = 'payout' and id <> l.payout_id limit 1), l.entry_id
         from payout_lines l where l.released_at is null limit 1",
        "paid_twice",
    ),
    (
        "a code used more often than it may",
        "drop index promo_redemptions_number, promo_redemptions_user_number, promo_redemptions_booking;
         insert into promo_redemptions (org_id, id, promo_id, user_id, booking_id, amount, currency, number, most, user_number,
                                        most_each, status, ended_at)
         select org_id, gen_random_uuid(), promo_id, user_id, booking_id, amount, currency, number, most, user_number,
                most_each, status, ended_at
         from (select * from promo_redemptions where status = 'used' limit 1) r, generate_series(1, most_each)",
        "over_promised",
    ),
    (
        "money in the books that no provider holds",
        "with old as (select * from ledger_transactions where kind = 'wallet_topped_up' limit 1),
         made as (insert into ledger_transactions (org_id, id, kind, subject_type, subject_id, dedupe_key, occurred_at)
                  select org_id, gen_random_uuid(), kind, subject_type, subject_id, 'more', occurred_at from old
                  returning org_id, id)
         insert into entries (org_id, id, transaction_id, account_id, amount, currency)
         select e.org_id, gen_random_uuid(), made.id, e.account_id, e.amount, e.currency
         from entries e join old on old.id = e.transaction_id, made",
        "provider_minus_books",
    ),
    (
        "a top-up forgotten",
        "update payments set status = 'failed' where id = (select id from payments where purpose = 'topup'
                                                           and status = 'succeeded' order by created_at desc limit 1)",
        "promises_broken",
    ),
];

pub async fn run(mut luck: Luck) -> bool {
    let app = TestApp::start_with(Options { settings: money::rules(), ..Options::default() }).await;
    let field = Field::of(&app).await;
    let played = field.play(asked(), &mut luck).await;
    for (kind, (taken, refused)) in &played.tally {
        println!("  money step={kind} taken={taken} refused={refused}");
    }
    played.faults.iter().take(20).for_each(|fault| println!("  {fault}"));
    println!("money {played} connections=shared_database commit=asynchronous");
    let whole = played.wrong.none() && played.faults.is_empty();
    let noticed = harm(&app, &field, played.wrong).await;
    println!("chaos money harmless={whole} harms_noticed={noticed} of={}", HARMS.len());
    app.release();
    whole && noticed == HARMS.len()
}

/// Each harm after the other; its count must be another than before it.
async fn harm(app: &TestApp, field: &Field, mut before: Wrong) -> usize {
    let mut noticed = 0;
    for (harm, sql, sign) in HARMS {
        sqlx::raw_sql(sql).execute(&app.owner).await.unwrap();
        let after = field.look().await;
        let seen = after.count(sign) != before.count(sign);
        println!("  {harm}: {}", if seen { "noticed" } else { "NOT NOTICED" });
        noticed += usize::from(seen);
        before = after;
    }
    noticed
}

#[allow(clippy::disallowed_methods, reason = "how long a run is, as how it is repeated, is said by a variable")]
fn asked() -> u64 {
    std::env::var("CHAOS_TRANSITIONS").ok().and_then(|asked| asked.parse().ok()).unwrap_or(USUALLY)
}
