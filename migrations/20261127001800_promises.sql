-- Every promise is a function of its own, so that one can be added or mended without the others (★17). They run with
-- the rights of `check_invariant`, which alone may look over all organizations; called by a service, they see its
-- own tenant's rows like any query.

create function promise_ledger_zero_sum() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with bad as (select transaction_id from entries group by org_id, transaction_id, currency having sum(amount) <> 0)
    select (select count(*) from ledger_transactions), (select count(*) from bad),
           coalesce((select jsonb_agg(transaction_id) from (select transaction_id from bad limit 5) s), '[]') $$;

create function promise_cached_balances() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with sums as (
        select a.id, a.cached_balance, coalesce(sum(e.amount), 0) as total
        from accounts a left join entries e on e.org_id = a.org_id and e.account_id = a.id
        where a.cached_balance is not null group by a.org_id, a.id, a.cached_balance),
    bad as (select id from sums where cached_balance <> total)
    select (select count(*) from sums), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;

-- Over all history and without the constraint: no two claims of one unit overlapped while both stood. The window finds
-- those whose span somebody else ever had too; only these are compared in the time they stood.
create function promise_no_overlapping_claims() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with ordered as (
        select org_id, unit_id, id, during, taken_at, coalesce(freed_at, 'infinity') as freed_at,
               max(upper(during)) over (partition by org_id, unit_id order by lower(during), upper(during), id
                                        rows between unbounded preceding and 1 preceding) as had_until
        from claims),
    bad as (select distinct o.id from ordered o
            join claims c on c.org_id = o.org_id and c.unit_id = o.unit_id and c.id <> o.id
                 and lower(c.during) <= lower(o.during) and c.during && o.during
                 and c.taken_at < o.freed_at and o.taken_at < coalesce(c.freed_at, 'infinity')
            where o.had_until > lower(o.during))
    select (select count(*) from claims), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;

-- While a booking is active, each of its units has exactly one claim of its span with the buffers of its own rules,
-- until the unit is returned; afterwards none.
create function promise_bookings_hold_their_claims() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with wanted as (
        select b.org_id, b.id, b.quantity, b.status in ('pending', 'approved', 'confirmed', 'in_use') as active,
               tstzrange(b.start_at - make_interval(mins => coalesce((b.policy_snapshot ->> 'buffer_before_minutes')::int, 0)),
                         b.end_at + make_interval(mins => coalesce((b.policy_snapshot ->> 'buffer_after_minutes')::int, 0)))
                   as during
        from bookings b),
    held as (
        select w.id, w.quantity, w.active,
               (select count(*) from booking_items i
                where i.org_id = w.org_id and i.booking_id = w.id) as items,
               (select count(*) from booking_items i
                where i.org_id = w.org_id and i.booking_id = w.id and i.unit_id is not null and i.returned_at is null) as due,
               (select count(*) from booking_items i join claims c on c.org_id = i.org_id and c.unit_id = i.unit_id
                where i.org_id = w.org_id and i.booking_id = w.id and i.returned_at is null
                  and c.source = 'booking' and c.source_id = w.id and c.active and c.during = w.during) as claims,
               (select count(*) from claims c
                where c.org_id = w.org_id and c.source_id = w.id and c.active) as all_claims
        from wanted w),
    bad as (select id from held
            where all_claims <> case when active then due else 0 end or claims <> all_claims
               or active and items <> quantity)
    select (select count(*) from held), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;

create function promise_bookings_have_their_postings() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with money as (
        select b.id, b.status, b.price, b.payment_status,
               coalesce((select sum(e.amount) from ledger_transactions t
                         join entries e on e.org_id = t.org_id and e.transaction_id = t.id
                         join accounts a on a.org_id = e.org_id and a.id = e.account_id
                         where t.org_id = b.org_id and t.subject_id = b.id and a.kind = 'escrow'), 0) as escrow,
               coalesce((select sum(e.amount) from ledger_transactions t
                         join entries e on e.org_id = t.org_id and e.transaction_id = t.id
                         join accounts a on a.org_id = e.org_id and a.id = e.account_id
                         where t.org_id = b.org_id and t.subject_id = b.id
                           and a.kind in ('earnings', 'commission', 'sales')), 0) as earned
        from bookings b),
    bad as (select id from money where not case
                when status in ('confirmed', 'in_use') then escrow = -price and earned = 0
                when status = 'completed' then escrow = 0 and earned = -price
                else escrow = 0 and earned = 0 end)
    select (select count(*) from money), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;

create function promise_one_effect_per_event() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with bad as (select p.id from payments p where p.status = 'succeeded' and p.purpose = 'booking'
                 and 1 <> (select count(*) from ledger_transactions t
                           where t.org_id = p.org_id and t.payment_id = p.id and t.kind in ('booking_paid', 'stray_money')))
    select (select count(*) from payments where status = 'succeeded' and purpose = 'booking'),
           (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;

create function promise_money_out_has_its_postings() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with moves as (
        select p.id, p.purpose, p.status, p.amount,
               count(*) filter (where t.kind in ('refund_started', 'payout_scheduled')) as begun,
               count(*) filter (where t.kind in ('refund_confirmed', 'payout_confirmed')) as confirmed,
               count(*) filter (where t.kind in ('refund_failed', 'payout_failed')) as failed,
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

-- An open offer holds exactly its units for exactly its span; an answered one holds nothing.
create function promise_offers_hold_their_claims() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with held as (
        select o.id, case when o.status = 'open' then cardinality(o.unit_ids) else 0 end as wanted,
               (select count(*) from claims c
                where c.org_id = o.org_id and c.source_id = o.id and c.active) as all_claims,
               (select count(*) from claims c
                where c.org_id = o.org_id and c.source_id = o.id and c.active and c.source = 'offer'
                  and c.during = o.during and c.unit_id = any (o.unit_ids)) as claims
        from offers o),
    bad as (select id from held where claims <> wanted or all_claims <> wanted)
    select (select count(*) from held), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;

-- A booking is waitlisted exactly while it has a live entry in a line, and an entry is `offered` exactly while it has an
-- open offer.
create function promise_waiting_is_in_line() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with bad as (
        select b.id from bookings b
        where (b.status = 'waitlisted') <> exists (select from queue_entries e where e.org_id = b.org_id
                                                   and e.booking_id = b.id and e.status in ('waiting', 'offered'))
        union all
        select e.id from queue_entries e
        where (e.status = 'offered') <> exists (select from offers o where o.org_id = e.org_id
                                                and o.queue_entry_id = e.id and o.status = 'open'))
    select (select count(*) from bookings) + (select count(*) from queue_entries), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;

create or replace function check_invariant(promise text)
    returns table (rows_checked bigint, violations bigint, sample jsonb)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
begin
    if to_regproc('public.' || quote_ident('promise_' || promise)) is null then
        raise exception 'unknown invariant %', promise;
    end if;
    return query execute format('select * from public.%I()', 'promise_' || promise);
end
$$;
