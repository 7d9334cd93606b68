-- A calendar is asked for by its secret alone: whose it is, is not said.
create function locate_calendar_feed(hash bytea) returns table (org_id uuid, feed_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select f.org_id, f.id from calendar_feeds f join organizations o on o.id = f.org_id and o.status = 'active'
          where f.token_hash = hash and f.revoked_at is null $$;
revoke all on function locate_calendar_feed(bytea) from public;
grant execute on function locate_calendar_feed(bytea) to teranga_app;
