-- The post room at full strength (queue/README.md). Jobs that are due stand in lines, one per organization and kind, so
-- that no claim walks past one tenant's hundred thousand jobs to find another's first. A claim rewrites a row in its own
-- page and touches no index. Runs are remembered in daily partitions.

alter table queue.jobs
    alter column queue type text collate "C",
    alter column kind type text collate "C",
    -- due, and in its line. False while the job waits for its time, and while it is suspected of having killed a worker
    add column ready boolean not null default true;
-- The house itself is the nil organization, because a line has a name in every column.
update queue.jobs set org_id = coalesce(org_id, '00000000-0000-0000-0000-000000000000'),
                      ready = deaths = 0 and run_at <= public.app_now();
alter table queue.jobs alter column org_id set default '00000000-0000-0000-0000-000000000000',
                       alter column org_id set not null;
-- Half a page is left free for the row's one rewrite. Neither index nor predicate names what a claim writes (lease,
-- attempt, started_at), so the rewrite is a heap-only one.
alter table queue.jobs set (fillfactor = 50);

drop index queue.jobs_due, queue.jobs_suspect;
create index jobs_line on queue.jobs (queue, priority, org_id, kind, run_at, id) where ready;
create index jobs_later on queue.jobs (queue, run_at, id) where not ready;
-- Nearly always empty.
create index jobs_suspect on queue.jobs (queue, run_at) where deaths > 0;

-- At most so many jobs of a kind run at once for an organization, where a runner is told so. A row counts only while
-- the job is leased under the same lease, so what a crash leaves behind counts for nothing and is swept by the next claim.
create table queue.slots (
    queue       text collate "C" not null,
    org_id      uuid        not null,
    kind        text collate "C" not null,
    job_id      uuid        not null,
    lease       uuid        not null,
    primary key (queue, org_id, kind, job_id)
);

-- Every run that ended, and how: appended to, never updated, dropped by the day.
create table queue.history (
    id          uuid        not null,
    org_id      uuid,
    started_at  timestamptz,
    ended_at    timestamptz not null default clock_timestamp(),
    duration_ms integer     not null,
    attempt     integer     not null,
    queue       text collate "C" not null,
    kind        text collate "C" not null,
    outcome     text        not null constraint history_outcome_known
                            check (outcome in ('done', 'again', 'retried', 'dead', 'lost', 'cancelled')),
    worker      text,
    reason      text,
    -- W3C traceparent of the request that posted the job
    trace       text
) partition by range (ended_at);
create index history_by_id on queue.history (id);
create index history_by_kind on queue.history (kind, ended_at, id);
create index history_by_org on queue.history (org_id, ended_at, id) where org_id is not null;
-- What went wrong is rare, and what people look for.
create index history_by_trouble on queue.history (ended_at, id) where outcome not in ('done', 'again');
-- Catches what no day was made for; empty while `queue.keep_history` is called.
create table queue.history_other partition of queue.history default;

-- Makes the partitions of today and the `ahead` days after it, and drops those that ended more than `keep` days ago.
-- Forgets ticks of which no clock can speak any more. Safe to call at any time. Returns the partitions dropped.
create function queue.keep_history(keep integer, ahead integer) returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    today date := (clock_timestamp() at time zone 'utc')::date;
    day date;
    name text;
    dropped integer := 0;
begin
    if keep < 1 or ahead < 1 or ahead > 60 then
        raise exception 'keep_history: % and % are out of bounds', keep, ahead using errcode = 'invalid_parameter_value';
    end if;
    perform pg_advisory_xact_lock(hashtext('queue.keep_history'));
    for day in select generate_series(today, today + ahead, interval '1 day')::date loop
        name := 'history_' || to_char(day, 'YYYYMMDD');
        continue when to_regclass('queue.' || name) is not null;
        -- A day of which something was caught already stays in the catch-all until it is old enough to be deleted.
        continue when exists (select from queue.history_other
                              where ended_at >= day::timestamp at time zone 'utc'
                                and ended_at < (day + 1)::timestamp at time zone 'utc');
        execute format('create table queue.%I partition of queue.history for values from (%L) to (%L)', name,
                       day::timestamp at time zone 'utc', (day + 1)::timestamp at time zone 'utc');
    end loop;
    for name in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
                where i.inhparent = 'queue.history'::regclass and c.relname ~ '^history_\d{8}$'
                  and to_date(substr(c.relname, 9), 'YYYYMMDD') < today - keep loop
        execute format('drop table queue.%I', name);
        dropped := dropped + 1;
    end loop;
    delete from queue.history_other where ended_at < (today - keep)::timestamp at time zone 'utc';
    -- `queue::tick` refuses slots older than thirty days, so a forgotten one never fires again.
    delete from queue.ticks where slot < (today - 40)::timestamp at time zone 'utc';
    return dropped;
end
$$;
revoke all on function queue.keep_history from public;
select queue.keep_history(30, 7);

insert into queue.history (id, org_id, started_at, ended_at, duration_ms, attempt, queue, kind, outcome, worker)
select id, org_id, started_at, finished_at, duration_ms, attempt, queue, kind, outcome, worker from queue.finished;
drop table queue.finished;

create or replace function queue.post_each(of_queue text, of_kind text, of_org uuid, of_trace text, ids uuid[],
                                           payloads jsonb[], unique_keys text[]) returns bigint
    language sql volatile
    as $$ with posted as (
              insert into queue.jobs (id, queue, kind, org_id, payload, run_at, unique_key, trace)
              select job.id, of_queue, of_kind, of_org, job.payload, (select public.app_now()), job.unique_key, of_trace
              from unnest(ids, payloads, unique_keys) as job (id, payload, unique_key)
              on conflict do nothing returning 1)
          select count(*) from posted $$;

grant select, insert, update, delete on queue.slots to teranga_app;
grant select, insert on queue.history to teranga_app;
grant execute on function queue.keep_history to teranga_app;
