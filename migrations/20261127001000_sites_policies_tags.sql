-- Where things stand, by which rules they are booked, and how they are sorted.

create table sites (
    org_id uuid not null references organizations,
    id uuid not null,
    name text not null check (length(name) between 3 and 200),
    address text not null default '' check (length(address) <= 500),
    timezone text check (length(timezone) <= 60),  -- the organization's unless the site has its own (CX21)
    lat double precision check (lat between -90 and 90),
    lon double precision check (lon between -180 and 180),
    plan_key text check (length(plan_key) between 1 and 300),  -- a drawing in the file store, on which units have a position
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    deleted_at timestamptz,
    primary key (org_id, id),
    constraint sites_whole_point check ((lat is null) = (lon is null))
);
create unique index sites_name_key on sites (org_id, lower(name)) where deleted_at is null;
create index sites_created on sites (org_id, created_at);
create trigger sites_touch before update on sites for each row execute function touch();

-- What a booking may be and what follows from it (MODEL §8). Bookings keep a snapshot, so a change is never about
-- what was promised before (CX36).
create table policies (
    org_id uuid not null references organizations,
    id uuid not null,
    name text not null check (length(name) between 3 and 200),
    applies_to text not null check (applies_to in ('any', 'parking', 'equipment', 'room', 'vehicle', 'machine')),
    standard boolean not null default false,  -- in force for things of its kind that name no policy themselves
    rules jsonb not null check (jsonb_typeof(rules) = 'object'),
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    deleted_at timestamptz,
    primary key (org_id, id)
);
create unique index policies_name_key on policies (org_id, lower(name)) where deleted_at is null;
create unique index policies_standard_key on policies (org_id, applies_to) where standard and deleted_at is null;
create trigger policies_touch before update on policies for each row execute function touch();

create table tags (
    org_id uuid not null references organizations,
    id uuid not null,
    name text not null check (length(name) between 1 and 60),
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    deleted_at timestamptz,
    primary key (org_id, id)
);
create unique index tags_name_key on tags (org_id, lower(name)) where deleted_at is null;
create trigger tags_touch before update on tags for each row execute function touch();

create table resource_tags (
    org_id uuid not null,
    resource_id uuid not null,
    tag_id uuid not null,
    created_at timestamptz not null default app_now(),
    primary key (org_id, resource_id, tag_id),
    foreign key (org_id, resource_id) references resources,
    foreign key (org_id, tag_id) references tags
);
create index resource_tags_tag on resource_tags (org_id, tag_id, resource_id);

grant select, insert, update on sites, policies, tags to teranga_app;
grant select, insert, delete on resource_tags to teranga_app;

alter table sites enable row level security;
create policy tenant on sites using (org_id = app_org());
alter table policies enable row level security;
create policy tenant on policies using (org_id = app_org());
alter table tags enable row level security;
create policy tenant on tags using (org_id = app_org());
alter table resource_tags enable row level security;
create policy tenant on resource_tags using (org_id = app_org());

-- A person's main site (B15).
alter table memberships add column site_id uuid;
alter table memberships add constraint memberships_site foreign key (org_id, site_id) references sites;
