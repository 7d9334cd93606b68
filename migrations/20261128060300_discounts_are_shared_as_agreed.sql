-- Money that came in by a provider is in the books to the franc whatever it was paid for, and of a booking that was given up the
-- organization has back what it gave, less what was kept beyond the payer's own part (M1, ★4).

create or replace function promise_money_is_shared_as_agreed()
    returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with posted as (
        select t.org_id, t.subject_id,
               coalesce(sum(e.amount) filter (where a.kind = 'commission' and t.kind = 'booking_completed'), 0) as commission,
               coalesce(-sum(e.amount) filter (where a.kind = 'fees'), 0) as kept,
               coalesce(sum(e.amount) filter (where a.kind = 'promo'), 0) as given,
               bool_or(t.kind = 'booking_completed') as completed
        from ledger_transactions t
        join entries e on e.org_id = t.org_id and e.transaction_id = t.id
        join accounts a on a.org_id = e.org_id and a.id = e.account_id
        where t.subject_type = 'booking' group by t.org_id, t.subject_id),
    brought as (
        select t.org_id, t.payment_id, sum(e.amount) as amount
        from ledger_transactions t
        join entries e on e.org_id = t.org_id and e.transaction_id = t.id
        join accounts a on a.org_id = e.org_id and a.id = e.account_id and a.kind = 'provider'
        where t.dedupe_key = 'payment/' || t.payment_id || '/in' group by t.org_id, t.payment_id),
    bad as (
        select b.id from bookings b join posted p on p.org_id = b.org_id and p.subject_id = b.id
        left join promo_redemptions r on r.org_id = b.org_id and r.booking_id = b.id and r.status = 'used'
        where b.status = 'completed' and p.completed and p.commission <> -b.commission
           or p.given <> case when b.status in ('confirmed', 'in_use', 'completed') then coalesce(r.amount, 0)
                              else greatest(0, coalesce(r.amount, 0) - (b.price - p.kept)) end
        union
        select p.id from payments p left join brought m on m.org_id = p.org_id and m.payment_id = p.id
        where p.direction = 'in' and p.status = 'succeeded' and p.purpose in ('booking', 'fine', 'topup', 'purchase')
          and p.provider_account_id is not null and m.amount is distinct from p.amount)
    select (select count(*) from payments where direction = 'in' and status = 'succeeded'), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;
