-- Money that was thought to have ended and has not: refunds and payouts that fail after they succeeded, and payments a
-- payer takes back through their bank (SN5; PROVIDERS §4.2, §10, 23).

alter table payments
    drop constraint payments_purpose_check,
    -- chargeback: processing while it is disputed, succeeded when the payer has won, failed when we have
    add constraint payments_purpose_check check (purpose in
        ('booking', 'topup', 'purchase', 'fine', 'refund', 'payout', 'withdrawal', 'chargeback'));
alter table accounts
    drop constraint accounts_kind_check,
    add constraint accounts_kind_check check (kind in ('provider', 'wallet', 'earnings', 'escrow', 'commission', 'fees',
        'sales', 'tickets_issued', 'penalties', 'promo', 'provider_fees', 'chargebacks', 'refund_transit',
        'payout_transit', 'suspense'));

-- A dispute takes weeks and is looked at by a job of its own: it is not a payment somebody forgot.
create or replace function silent_payments(quiet_for interval, most int)
    returns table (org_id uuid, payment_id uuid, direction text, purpose text, status text)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select p.org_id, p.id, p.direction, p.purpose, p.status from payments p
          where p.status in ('created', 'submitted', 'authorized', 'unknown', 'scheduled', 'processing')
            and (p.status <> 'unknown' or p.created_at > app_now() - interval '7 days')
            and p.purpose <> 'chargeback'
            and p.provider_account_id is not null and p.updated_at <= app_now() - quiet_for
          order by p.updated_at limit most $$;

-- What went out is in the books as it ended: what was confirmed and then taken back counts as failed, what failed and was
-- then sent by a person as confirmed.
create or replace function promise_money_out_has_its_postings()
    returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with moves as (
        select p.id, p.purpose, p.status, p.amount,
               count(*) filter (where t.kind in ('refund_started', 'payout_scheduled', 'chargeback_opened')) as begun,
               count(*) filter (where t.kind in ('refund_confirmed', 'payout_confirmed', 'chargeback_lost',
                                                 'refund_sent_by_hand'))
                   - count(*) filter (where t.kind in ('refund_reversed', 'payout_reversed')) as confirmed,
               count(*) filter (where t.kind in ('refund_failed', 'payout_failed', 'chargeback_won',
                                                 'refund_reversed', 'payout_reversed'))
                   - count(*) filter (where t.kind = 'refund_sent_by_hand') as failed,
               (select coalesce(-sum(e.amount), 0) from payout_lines l
                join entries e on e.org_id = l.org_id and e.id = l.entry_id
                where l.org_id = p.org_id and l.payout_id = p.id) as lines
        from payments p left join ledger_transactions t on t.org_id = p.org_id and t.payment_id = p.id
        where p.direction = 'out' group by p.org_id, p.id, p.purpose, p.status, p.amount),
    bad as (select id from moves
            where begun <> 1 or confirmed <> (status = 'succeeded')::int or failed <> (status = 'failed')::int
               or (purpose = 'payout' and lines <> amount))
    select (select count(*) from moves), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;

-- Whose payment a dispute is about.
create index payments_transaction_ref on payments (org_id, provider_account_id, transaction_ref)
    where direction = 'in' and transaction_ref is not null;
