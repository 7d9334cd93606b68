-- A wallet is filled by a payment that is about a person (CX54), as often as its owner likes; the other things are paid by
-- one payment at a time.
drop index payments_one_open;
create unique index payments_one_open on payments (org_id, subject_type, subject_id)
    where direction = 'in' and status in ('created', 'submitted', 'authorized') and purpose in ('booking', 'fine');

-- What one person withdrew lately is asked at every withdrawal.
create index payments_withdrawn on payments (org_id, user_id, created_at) where purpose = 'withdrawal';

-- What was put into a wallet is there once, and what was paid from one left it once.
create function promise_wallet_money_has_its_postings()
    returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with moves as (
        select p.id, p.amount, p.direction, p.purpose, p.status, p.method,
               coalesce((select sum(e.amount) from ledger_transactions t
                         join entries e on e.org_id = t.org_id and e.transaction_id = t.id
                         join accounts a on a.org_id = e.org_id and a.id = e.account_id
                         where t.org_id = p.org_id and t.payment_id = p.id and a.kind = 'wallet'
                           and a.owner_id = p.user_id and a.currency = p.currency), 0) as moved
        from payments p where p.purpose in ('topup', 'withdrawal') or p.method = 'wallet'),
    bad as (select id from moves where moved <> case
                when purpose = 'topup' then case when status = 'succeeded' then -amount else 0 end
                when purpose = 'withdrawal' then case when status = 'failed' then 0 else amount end
                when direction = 'in' then amount
                else -amount end)
    select (select count(*) from moves), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;
