-- What can be booked, and the trips that are one kind of it.

create table resources (
    org_id uuid not null references organizations,
    id uuid not null,
    kind text not null check (kind in ('trip', 'vehicle', 'parking', 'equipment', 'room', 'machine')),
    owner_user_id uuid references users,
    name text not null check (length(name) between 1 and 200),
    description text not null default '' check (length(description) <= 4000),
    status text not null default 'active' check (status in ('active', 'maintenance', 'retired')),
    attributes jsonb not null default '{}',
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    deleted_at timestamptz,
    primary key (org_id, id)
);
create index resources_owner on resources (org_id, owner_user_id, kind) where deleted_at is null;
create unique index vehicles_plate_key on resources (org_id, (attributes ->> 'plate_number'))
    where kind = 'vehicle' and deleted_at is null;
create trigger resources_touch before update on resources for each row execute function touch();

create table units (
    org_id uuid not null,
    id uuid not null,
    resource_id uuid not null,
    label text not null check (length(label) between 1 and 60),
    status text not null default 'active' check (status in ('active', 'maintenance', 'retired')),
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    deleted_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, resource_id) references resources
);
create unique index units_label_key on units (org_id, resource_id, label) where deleted_at is null;
create trigger units_touch before update on units for each row execute function touch();

-- The one table that says who has what when (★2). Bookings, offers, closures and trips all claim here; the
-- database refuses overlaps whatever the code believes.
create table claims (
    org_id uuid not null,
    id uuid not null,
    unit_id uuid not null,
    during tstzrange not null check (not isempty(during)),
    source text not null check (source in ('booking', 'offer', 'closure', 'trip')),
    source_id uuid not null,
    active boolean not null default true,
    created_at timestamptz not null default app_now(),
    released_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, unit_id) references units,
    constraint claims_no_overlap exclude using gist (org_id with =, unit_id with =, during with &&) where (active),
    constraint claims_half_open check (lower_inc(during) and not upper_inc(during))
);
create index claims_source on claims (org_id, source_id) where active;

create table trips (
    org_id uuid not null,
    id uuid not null,
    driver_user_id uuid not null,
    vehicle_id uuid,
    origin geography(point, 4326) not null,
    origin_text text not null check (length(origin_text) between 1 and 200),
    destination geography(point, 4326) not null,
    destination_text text not null check (length(destination_text) between 1 and 200),
    departure_at timestamptz not null,
    arrival_eta timestamptz not null,
    price_per_seat bigint not null check (price_per_seat >= 0),
    currency text not null check (currency in ('XOF', 'XAF', 'EUR', 'USD', 'TKT')),
    seats int not null check (seats between 1 and 60),
    auto_accept boolean not null default false,
    luggage_policy text check (length(luggage_policy) <= 500),
    rules text check (length(rules) <= 1000),
    comfort text check (comfort in ('basic', 'standard', 'comfort')),
    status text not null default 'draft' check (status in ('draft', 'published', 'ongoing', 'completed', 'cancelled')),
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, id) references resources (org_id, id),
    foreign key (org_id, driver_user_id) references memberships (org_id, user_id),
    foreign key (org_id, vehicle_id) references resources (org_id, id),
    constraint trips_arrive_after_departure check (arrival_eta > departure_at),
    -- a driver is on one trip at a time (SN28)
    constraint trips_driver_no_overlap exclude using gist
        (org_id with =, driver_user_id with =, tstzrange(departure_at, arrival_eta) with &&)
        where (status in ('published', 'ongoing'))
);
create index trips_origin on trips using gist (origin) where status = 'published';
create index trips_destination on trips using gist (destination) where status = 'published';
create index trips_departure on trips (org_id, departure_at) where status = 'published';
create index trips_driver on trips (org_id, driver_user_id, departure_at desc);
create trigger trips_touch before update on trips for each row execute function touch();

create table trip_stops (
    org_id uuid not null,
    trip_id uuid not null,
    position int not null check (position between 1 and 50),
    point geography(point, 4326) not null,
    label text not null check (length(label) between 1 and 200),
    pickup_allowed boolean not null default true,
    dropoff_allowed boolean not null default true,
    created_at timestamptz not null default app_now(),
    primary key (org_id, trip_id, position),
    foreign key (org_id, trip_id) references trips
);

grant select, insert, update on resources, units, claims, trips to teranga_app;
grant select, insert, delete on trip_stops to teranga_app;

alter table resources enable row level security;
create policy tenant on resources using (org_id = app_org());
alter table units enable row level security;
create policy tenant on units using (org_id = app_org());
alter table claims enable row level security;
create policy tenant on claims using (org_id = app_org());
alter table trips enable row level security;
create policy tenant on trips using (org_id = app_org());
alter table trip_stops enable row level security;
create policy tenant on trip_stops using (org_id = app_org());
