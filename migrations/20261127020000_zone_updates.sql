-- Which editions of the zones' laws were applied to the bookings to come (SN45), and what that moved. The bookings
-- themselves say so in their trail.
create table zone_updates (
    version text primary key check (length(version) between 1 and 20),
    begun_at timestamptz not null default app_now(),
    finished_at timestamptz,
    looked_at int not null default 0,
    moved int not null default 0,
    kept int not null default 0
);
grant select, insert, update on zone_updates to teranga_app;
-- A time that nobody means locally never moves: only these are looked at.
create index bookings_meant_locally on bookings (org_id, id) where local_start is not null;
