-- The only holes in the tenant wall: narrow functions that answer ids, never rows, for doors and timers that
-- cannot know the organization beforehand. Each is listed here and nowhere else.

-- A webhook names a provider account; the account names its organization.
create function locate_provider_account(account uuid)
    returns table (org_id uuid, provider text, secret_ref text, currency text)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select a.org_id, a.provider, a.secret_ref, a.currency from provider_accounts a
          where a.id = account and a.status <> 'retired' $$;

-- Which secrets the configuration must hold, so that a missing one stops the start.
create function provider_secret_refs() returns table (provider text, secret_ref text, currency text)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select distinct a.provider, a.secret_ref, a.currency from provider_accounts a where a.status <> 'retired' $$;

-- Holds whose deadline passed (Q16).
create function overdue_holds(most int) returns table (org_id uuid, booking_id uuid, deadline timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select b.org_id, b.id, b.hold_expires_at from bookings b
          where b.status in ('pending', 'approved') and b.hold_expires_at <= app_now()
          order by b.hold_expires_at limit most $$;

-- Payments whose provider has said nothing lately (Q17).
create function silent_payments(quiet_for interval, most int)
    returns table (org_id uuid, payment_id uuid, direction text, purpose text, status text)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select p.org_id, p.id, p.direction, p.purpose, p.status from payments p
          where p.status in ('created', 'submitted', 'authorized', 'unknown', 'scheduled', 'processing')
            and (p.status <> 'unknown' or p.created_at > app_now() - interval '7 days')
            and p.provider_account_id is not null and p.updated_at <= app_now() - quiet_for
          order by p.updated_at limit most $$;

-- Payout runs whose building stopped half way.
create function unfinished_payout_runs(quiet_for interval, most int) returns table (org_id uuid, operation_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select o.org_id, o.id from operations o
          where o.kind = 'payout_run' and o.status = 'queued' and o.updated_at <= app_now() - quiet_for
          order by o.updated_at limit most $$;
create index operations_queued_runs on operations (updated_at) where kind = 'payout_run' and status = 'queued';

-- Events that arrived but were not handled: their job was lost or they wait for our record (★5).
create function waiting_events(quiet_for interval, most int) returns table (org_id uuid, event_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select e.org_id, e.id from inbound_events e
          where e.status in ('received', 'parked', 'linked') and e.received_at <= app_now() - quiet_for
          order by e.received_at limit most $$;
create index inbound_events_waiting on inbound_events (received_at) where status in ('received', 'parked', 'linked');

-- Confirmed bookings that start soon, for reminders whose timer was lost (Q4).
create function upcoming_bookings(within interval, most int)
    returns table (org_id uuid, booking_id uuid, start_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select b.org_id, b.id, b.start_at from bookings b
          where b.status = 'confirmed' and b.start_at > app_now() and b.start_at <= app_now() + within
          order by b.start_at limit most $$;

-- Messages that were written but never carried.
create function waiting_deliveries(quiet_for interval, most int) returns table (org_id uuid, delivery_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select d.org_id, d.id from deliveries d
          where d.status = 'queued' and d.created_at <= app_now() - quiet_for
            and d.created_at > app_now() - interval '2 hours'  -- its job gave up by then: a dead letter tells, not ten
          order by d.created_at limit most $$;
create index deliveries_waiting on deliveries (created_at) where status = 'queued';

-- Keys past their retention (SN44).
create function forget_idempotency_keys(older_than interval) returns bigint
    language sql volatile security definer set search_path = public, pg_temp
    as $$ with gone as (delete from idempotency_keys where created_at < app_now() - older_than returning 1)
          select count(*) from gone $$;

-- Invariants over all organizations: counts and a few ids (★2, ★4, ★17).
create function check_invariant(promise text) returns table (rows_checked bigint, violations bigint, sample jsonb)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
begin
    if promise = 'ledger_zero_sum' then
        return query
            with bad as (select transaction_id from entries group by org_id, transaction_id, currency having sum(amount) <> 0)
            select (select count(*) from ledger_transactions), (select count(*) from bad),
                   coalesce((select jsonb_agg(transaction_id) from (select transaction_id from bad limit 5) s), '[]');
    elsif promise = 'cached_balances' then
        return query
            with sums as (
                select a.id, a.cached_balance, coalesce(sum(e.amount), 0) as total
                from accounts a left join entries e on e.org_id = a.org_id and e.account_id = a.id
                where a.cached_balance is not null group by a.org_id, a.id, a.cached_balance),
            bad as (select id from sums where cached_balance <> total)
            select (select count(*) from sums), (select count(*) from bad),
                   coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]');
    elsif promise = 'no_overlapping_claims' then
        return query
            with ordered as (
                select id, lower(during) as starts,
                       max(upper(during)) over (partition by org_id, unit_id order by lower(during), upper(during), id
                                                rows between unbounded preceding and 1 preceding) as taken_until
                from claims where active),
            bad as (select id from ordered where taken_until > starts)
            select (select count(*) from ordered), (select count(*) from bad),
                   coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]');
    elsif promise = 'bookings_hold_their_claims' then
        return query
            with held as (
                select b.id, b.quantity, b.status,
                       (select count(*) from claims c join units u on u.org_id = c.org_id and u.id = c.unit_id
                        where c.org_id = b.org_id and c.source_id = b.id and c.active and u.resource_id = b.resource_id
                          and c.during = tstzrange(b.start_at, b.end_at)) as claims,
                       (select count(*) from claims c
                        where c.org_id = b.org_id and c.source_id = b.id and c.active) as all_claims
                from bookings b),
            bad as (select id from held
                    where claims <> case when status in ('pending', 'approved', 'confirmed', 'in_use') then quantity
                                         else 0 end
                       or all_claims <> claims)
            select (select count(*) from held), (select count(*) from bad),
                   coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]');
    elsif promise = 'bookings_have_their_postings' then
        return query
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
                   coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]');
    elsif promise = 'one_effect_per_event' then
        return query
            with bad as (select p.id from payments p where p.status = 'succeeded' and p.purpose = 'booking'
                         and 1 <> (select count(*) from ledger_transactions t
                                   where t.org_id = p.org_id and t.payment_id = p.id and t.kind in ('booking_paid', 'stray_money')))
            select (select count(*) from payments where status = 'succeeded' and purpose = 'booking'),
                   (select count(*) from bad),
                   coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]');
    elsif promise = 'money_out_has_its_postings' then
        return query
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
                   coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]');
    else
        raise exception 'unknown invariant %', promise;
    end if;
end
$$;

do $$
declare
    f text;
begin
    foreach f in array array['locate_provider_account(uuid)', 'provider_secret_refs()', 'overdue_holds(int)',
        'silent_payments(interval, int)', 'unfinished_payout_runs(interval, int)', 'waiting_events(interval, int)',
        'upcoming_bookings(interval, int)', 'waiting_deliveries(interval, int)', 'forget_idempotency_keys(interval)',
        'check_invariant(text)']
    loop
        execute format('revoke all on function %s from public', f);
        execute format('grant execute on function %s to teranga_app', f);
    end loop;
end
$$;
