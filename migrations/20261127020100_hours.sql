-- When a site or a resource is open (F1, B7, E9, SN12), on its own clocks. One row is an interval of a weekday, or of one
-- day that differs; such a day without an interval is closed. Minutes are counted from midnight; an interval may end on
-- the next day.
create table opening_hours (
    org_id uuid not null references organizations,
    id uuid not null default gen_random_uuid(),
    site_id uuid,
    resource_id uuid,
    weekday smallint check (weekday between 1 and 7),  -- 1 is Monday
    day date,
    opens smallint check (opens between 0 and 1439),
    closes smallint,
    valid_from date,  -- first and last day of a season
    valid_to date,
    name text check (length(name) between 1 and 100),
    created_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, site_id) references sites,
    foreign key (org_id, resource_id) references resources,
    constraint opening_hours_one_owner check (num_nonnulls(site_id, resource_id) = 1),
    constraint opening_hours_one_day check (num_nonnulls(weekday, day) = 1),
    constraint opening_hours_interval check (closes > opens and closes <= opens + 1440),
    constraint opening_hours_whole check ((opens is null) = (closes is null) and (opens is not null or day is not null)),
    constraint opening_hours_season check (valid_to >= valid_from)
);
create index opening_hours_of_site on opening_hours (org_id, site_id) where site_id is not null;
create index opening_hours_of_resource on opening_hours (org_id, resource_id) where resource_id is not null;
grant select, insert, delete on opening_hours to teranga_app;
alter table opening_hours enable row level security;
create policy tenant on opening_hours using (org_id = app_org());
