-- Bookings that begin soon with a unit that somebody did not bring back (SN34, ★11): found by the sweep of every minute,
-- however long ago the loan became late and whenever the next one was booked.
create function threatened_bookings(within interval, most int)
    returns table (org_id uuid, booking_id uuid, late_since timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select distinct n.org_id, n.id, late.overdue_at
          from bookings late
          join organizations o on o.id = late.org_id and o.status = 'active'
          join booking_items li on li.org_id = late.org_id and li.booking_id = late.id
               and li.unit_id is not null and li.returned_at is null
          join booking_items ni on ni.org_id = li.org_id and ni.unit_id = li.unit_id and ni.booking_id <> late.id
          join bookings n on n.org_id = ni.org_id and n.id = ni.booking_id
               and n.status in ('pending', 'approved', 'confirmed') and n.start_at > app_now() and n.start_at <= app_now() + within
          where late.status = 'in_use' and late.overdue_at is not null
          order by 3 limit most $$;
revoke all on function threatened_bookings(interval, int) from public;
grant execute on function threatened_bookings(interval, int) to teranga_app;
create index bookings_late on bookings (org_id, overdue_at) where status = 'in_use' and overdue_at is not null;
