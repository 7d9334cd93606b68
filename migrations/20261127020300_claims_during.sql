-- Row-level security looks at a row before any operator that might tell of it, and those on ranges might: under it no index
-- over time is used, and a search reads every claim. This function reads them as their owner and keeps to the
-- organization of the session itself.
create function claims_during(span tstzrange) returns table (unit_id uuid, during tstzrange, source_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select c.unit_id, c.during, c.source_id from claims c
          where c.active and c.during && span and c.org_id = app_org() $$;
revoke all on function claims_during(tstzrange) from public;
grant execute on function claims_during(tstzrange) to teranga_app;
