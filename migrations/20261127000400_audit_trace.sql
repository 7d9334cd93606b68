-- From a job back to the request that posted it: both are in one trace.
alter table audit_events add column trace_id text;

-- For those who run the installation, who see jobs of every organization: the id of a request, and nothing of what it was
-- about. Ids of events follow time, so the events of the hour before the job was posted are one range of the primary key.
create function request_of_trace(of_org uuid, of_trace text, posted_at timestamptz) returns text
    language sql stable security definer set search_path = public, pg_temp
    as $$ with bound as (
              select (lpad(to_hex(floor(extract(epoch from posted_at + after) * 1000)::bigint), 12, '0')
                      || '70008000000000000000')::uuid as id
              from unnest(array[interval '-1 hour', interval '1 minute']) as span (after)
          )
          select request_id from audit_events
          where org_id = of_org and id between (select min(id::text)::uuid from bound) and (select max(id::text)::uuid from bound)
            and trace_id = of_trace and request_id is not null
          order by id limit 1 $$;
revoke all on function request_of_trace from public;
grant execute on function request_of_trace to teranga_app;
