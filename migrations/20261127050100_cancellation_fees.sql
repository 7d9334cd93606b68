-- What giving up cost, by the tier that applied then (L1, L2, CX36). The promise about bookings knows it: of a cancelled
-- booking exactly this was kept, and the rest went back.
alter table bookings
    add column cancellation_fee bigint not null default 0 check (cancellation_fee between 0 and price),
    add constraint bookings_fee_when_cancelled check (cancellation_fee = 0 or status = 'cancelled');

create or replace function promise_bookings_have_their_postings()
    returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with posted as (
        select t.org_id, t.subject_id,
               coalesce(sum(e.amount) filter (where a.kind = 'escrow'), 0) as escrow,
               coalesce(sum(e.amount) filter (where a.kind in ('earnings', 'commission', 'sales')), 0) as earned,
               coalesce(sum(e.amount) filter (where a.kind = 'fees' and t.kind = 'cancellation_fee'), 0) as fee
        from ledger_transactions t
        join entries e on e.org_id = t.org_id and e.transaction_id = t.id
        join accounts a on a.org_id = e.org_id and a.id = e.account_id
        where t.subject_type = 'booking' group by t.org_id, t.subject_id),
    money as (
        select b.id, b.status, b.price, b.cancellation_fee, coalesce(p.escrow, 0) as escrow, coalesce(p.earned, 0) as earned,
               coalesce(p.fee, 0) as fee
        from bookings b left join posted p on p.org_id = b.org_id and p.subject_id = b.id),
    bad as (select id from money where fee <> -cancellation_fee or not case
                when status in ('confirmed', 'in_use') then escrow = -price and earned = 0
                when status = 'completed' then escrow = 0 and earned = -price
                else escrow = 0 and earned = 0 end)
    select (select count(*) from money), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;
