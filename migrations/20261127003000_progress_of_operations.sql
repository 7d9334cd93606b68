-- More kinds of long work, how far each is in numbers, and the net under their jobs (★1, CX16).

alter table operations drop constraint operations_kind_check;
alter table operations
    add constraint operations_kind_known
        check (kind in ('payment', 'payout_run', 'broadcast', 'privacy_export', 'erasure')),
    add column progress jsonb not null default '{}'
        constraint operations_progress_object check (jsonb_typeof(progress) = 'object');

-- One more hole in the tenant wall, as narrow as the others: work whose own job was lost, by ids.
create function unfinished_work(quiet_for interval, most int)
    returns table (org_id uuid, operation_id uuid, kind text)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select o.org_id, o.id, o.kind from operations o
          where o.kind in ('broadcast', 'privacy_export', 'erasure') and o.finished_at is null
            and o.updated_at <= app_now() - quiet_for
          order by o.updated_at limit most $$;
revoke all on function unfinished_work(interval, int) from public;
grant execute on function unfinished_work(interval, int) to teranga_app;
create index operations_unfinished on operations (updated_at)
    where kind in ('broadcast', 'privacy_export', 'erasure') and finished_at is null;
