-- Reminders whose time comes soon, as the rules each booking was made under plan them (Q4, L20, CX36): the sweep must find
-- exactly what the timers would have done, whatever the organization's settings say today.
create function due_reminders(ahead interval, most int)
    returns table (org_id uuid, booking_id uuid, start_at timestamptz, minutes_before int)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select b.org_id, b.id, b.start_at, m.minutes::int
          from bookings b
          join organizations o on o.id = b.org_id and o.status = 'active'
          cross join lateral jsonb_array_elements_text(
              case jsonb_typeof(b.policy_snapshot -> 'reminders') when 'array' then b.policy_snapshot -> 'reminders' else '[]' end)
              as m (minutes)
          where b.status = 'confirmed' and b.start_at > app_now() and b.start_at <= app_now() + ahead + interval '30 days'
            and b.start_at - make_interval(mins => m.minutes::int) > app_now()
            and b.start_at - make_interval(mins => m.minutes::int) <= app_now() + ahead
          order by b.start_at limit most $$;
drop function upcoming_bookings(interval, int);
