-- The post room (queue/README.md). The hot table holds only what waits or runs: finished rows leave it in the
-- statement that acknowledges them, dead ones move to queue.dead. `run_at` is compared with app_now(), which tests
-- may shift; worker leases are compared with the real clock, because a killed process is dead in real time.
create schema queue;

create table queue.jobs (
    id          uuid        primary key,
    -- the incarnation that runs the job; null while it waits. This is the fence of every acknowledgement
    lease       uuid,
    org_id      uuid,
    run_at      timestamptz not null,
    created_at  timestamptz not null default now(),
    started_at  timestamptz,
    -- charged when the job starts; given back by Again and by a graceful hand-back
    attempt     integer     not null default 0,
    -- -1 before 0 before 1. Few values, so that a claim is one index range per value
    priority    smallint    not null default 0 constraint jobs_priority_known check (priority between -1 and 1),
    -- workers that died while they ran this job, since it last ended on its own
    deaths      smallint    not null default 0,
    queue       text        not null,
    kind        text        not null,
    unique_key  text,
    -- W3C traceparent of the request that posted the job
    trace       text,
    last_error  text,
    payload     jsonb       not null
);

-- What a claim walks: waiting and never suspected, in order. A leased row is not in it.
create index jobs_due on queue.jobs (queue, priority, run_at, id) where lease is null and deaths = 0;
-- Jobs under which a worker died: nearly always empty.
create index jobs_suspect on queue.jobs (queue, run_at) where deaths > 0;
create unique index jobs_unique_key on queue.jobs (queue, unique_key) where unique_key is not null;

alter table queue.jobs set (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 20000
);

-- One row per incarnation of a runner, renewed every second. Whoever finds it expired frees its jobs.
create table queue.workers (
    id          uuid        primary key,
    name        text        not null,
    queue       text        not null,
    started_at  timestamptz not null default clock_timestamp(),
    expires_at  timestamptz not null
) with (fillfactor = 50);

-- Dead letters keep all that is needed to post them again.
create table queue.dead (
    id          uuid        primary key,
    queue       text        not null,
    kind        text        not null,
    org_id      uuid,
    reason      text        not null,
    attempts    integer     not null,
    deaths      smallint    not null,
    priority    smallint    not null,
    unique_key  text,
    trace       text,
    payload     jsonb       not null,
    created_at  timestamptz not null,
    died_at     timestamptz not null default clock_timestamp()
);
create index dead_by_queue on queue.dead (queue, died_at);

-- How each job ended: narrow, appended to, never updated.
create table queue.finished (
    id          uuid        not null,
    org_id      uuid,
    started_at  timestamptz,
    finished_at timestamptz not null default clock_timestamp(),
    duration_ms integer     not null,
    attempt     integer     not null,
    queue       text        not null,
    kind        text        not null,
    outcome     text        not null constraint finished_outcome_known check (outcome in ('done', 'dead')),
    worker      text
);
create index finished_by_id on queue.finished (id);
create index finished_by_time on queue.finished using brin (finished_at);

create table queue.paused (
    queue       text        primary key,
    since       timestamptz not null default clock_timestamp()
);

-- A scheduled tick is posted once per (name, slot), for ever.
create table queue.ticks (
    name        text        not null,
    slot        timestamptz not null,
    primary key (name, slot)
);

-- Posts one kind of job for each of many ids, from within another statement: for a writer whose row and whose job are
-- one statement and therefore one commit. `queue::enqueue` is the way for everybody else.
create function queue.post_each(of_queue text, of_kind text, of_org uuid, of_trace text, ids uuid[], payloads jsonb[],
                                unique_keys text[]) returns bigint
    language sql volatile
    as $$ with posted as (
              insert into queue.jobs (id, queue, kind, org_id, payload, run_at, unique_key, trace)
              select job.id, of_queue, of_kind, of_org, job.payload, (select public.app_now()), job.unique_key, of_trace
              from unnest(ids, payloads, unique_keys) as job (id, payload, unique_key)
              on conflict do nothing returning 1)
          select count(*) from posted $$;

grant usage on schema queue to teranga_app;
grant select, insert, update, delete on queue.jobs, queue.workers to teranga_app;
grant select, insert, delete on queue.dead, queue.paused to teranga_app;
grant select, insert on queue.finished, queue.ticks to teranga_app;
