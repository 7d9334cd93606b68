-- What operators ask of the post room (queue/README.md, "For operators"), in milliseconds at ten million runs.

-- An organization's runs are looked up by kind as well: the runs of a pair that is rare, or that never met, are found
-- without walking past all others of either. Takes the place of an index, so a job pays for no further one.
drop index queue.history_by_org;
create index history_by_org on queue.history (org_id, kind, ended_at, id) where org_id is not null;

-- Dead letters are few and are read newest first.
drop index queue.dead_by_queue;
create index dead_by_queue on queue.dead (queue, died_at, id);
create index dead_by_time on queue.dead (died_at, id);

-- How many jobs a runner holds, as it said when it last renewed its lease. Counting leased rows would read the whole
-- table, and an index of them would be written by every claim.
alter table queue.workers add column running integer not null default 0;

-- As every function that runs with its owner's rights.
alter function queue.keep_history(integer, integer) set search_path = public, pg_temp;
