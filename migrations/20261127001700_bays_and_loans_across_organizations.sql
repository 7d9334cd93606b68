-- More of the narrow functions of `…_across_organizations.sql`: they answer ids for the sweeps, never rows. Each timer
-- of bookings and of the waitlist has one, because timers may be lost and deadlines are rows.

-- Bookings nobody checked in for or picked up in time (Q11, SN32).
create function missed_check_ins(most int) returns table (org_id uuid, booking_id uuid, deadline timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select b.org_id, b.id, b.release_at from bookings b
          where b.status = 'confirmed' and b.checked_in_at is null and b.release_at <= app_now()
          order by b.release_at limit most $$;
create index bookings_missed on bookings (release_at)
    where status = 'confirmed' and checked_in_at is null and release_at is not null;

-- Bookings that end because their time is over: not rides, whose driver ends them, nor loans, which must come back (Q11).
create function ended_bookings(most int) returns table (org_id uuid, booking_id uuid, deadline timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select b.org_id, b.id, b.end_at from bookings b
          where b.status in ('confirmed', 'in_use') and b.kind <> 'trip' and b.due_at is null and b.end_at <= app_now()
          order by b.end_at limit most $$;
create index bookings_ending on bookings (end_at)
    where status in ('confirmed', 'in_use') and kind <> 'trip' and due_at is null;

-- Loans that should be back and were not yet found late (SN6).
create function overdue_loans(most int) returns table (org_id uuid, booking_id uuid, deadline timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select b.org_id, b.id, b.due_at from bookings b
          where b.status = 'in_use' and b.overdue_at is null and b.due_at <= app_now()
          order by b.due_at limit most $$;
create index bookings_overdue on bookings (due_at)
    where status = 'in_use' and overdue_at is null and due_at is not null;

-- Offers nobody answered in time (Q9).
create function expired_offers(most int) returns table (org_id uuid, offer_id uuid, deadline timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select o.org_id, o.id, o.expires_at from offers o
          where o.status = 'open' and o.expires_at <= app_now()
          order by o.expires_at limit most $$;

-- Entries that wait for what has passed (H17).
create function useless_entries(most int) returns table (org_id uuid, entry_id uuid, deadline timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select e.org_id, e.id, e.useful_until from queue_entries e
          where e.status in ('waiting', 'offered') and e.useful_until <= app_now()
          order by e.useful_until limit most $$;

-- Resources somebody waits for, in their order after the one named (null for the first): a freed unit whose own job was
-- lost must not stay idle, however many lines there are.
create function awaited_resources(after_org uuid, after_resource uuid, most int)
    returns table (org_id uuid, resource_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$ with recursive lines as (
              (select e.org_id, e.resource_id from queue_entries e
               where e.status = 'waiting'
                 and (e.org_id, e.resource_id) > (coalesce(after_org, '00000000-0000-0000-0000-000000000000'),
                                                  coalesce(after_resource, '00000000-0000-0000-0000-000000000000'))
               order by e.org_id, e.resource_id limit 1)
              union all
              select n.org_id, n.resource_id from lines l cross join lateral (
                  select e.org_id, e.resource_id from queue_entries e
                  where e.status = 'waiting' and (e.org_id, e.resource_id) > (l.org_id, l.resource_id)
                  order by e.org_id, e.resource_id limit 1) n)
          select l.org_id, l.resource_id from lines l limit most $$;

do $$
declare
    f text;
begin
    foreach f in array array['missed_check_ins(int)', 'ended_bookings(int)', 'overdue_loans(int)', 'expired_offers(int)',
        'useless_entries(int)', 'awaited_resources(uuid, uuid, int)']
    loop
        execute format('revoke all on function %s from public', f);
        execute format('grant execute on function %s to teranga_app', f);
    end loop;
end
$$;
