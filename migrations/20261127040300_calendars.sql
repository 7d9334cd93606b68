-- Calendars that others subscribe to, by a secret in the address of which only the hash is kept, and events that were
-- handed over with the booking each became (Z7).

create table calendar_feeds (
    org_id uuid not null references organizations,
    id uuid not null,
    user_id uuid not null,
    resource_id uuid,  -- when somebody has this; without it, what its person has
    token_hash bytea not null,
    revoked_at timestamptz,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, user_id) references memberships,
    foreign key (org_id, resource_id) references resources
);
create unique index calendar_feeds_token_key on calendar_feeds (token_hash);
create index calendar_feeds_user on calendar_feeds (org_id, user_id, created_at);
create trigger calendar_feeds_touch before update on calendar_feeds for each row execute function touch();

create table calendar_imports (
    org_id uuid not null,
    user_id uuid not null,
    resource_id uuid not null,
    uid text not null check (length(uid) between 1 and 255),
    sequence int not null check (sequence >= 0),
    booking_id uuid not null,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, user_id, resource_id, uid),
    foreign key (org_id, user_id) references memberships,
    foreign key (org_id, booking_id) references bookings
);
create index calendar_imports_booking on calendar_imports (org_id, booking_id);
create trigger calendar_imports_touch before update on calendar_imports for each row execute function touch();

grant select, insert, update on calendar_feeds, calendar_imports to teranga_app;
grant delete on calendar_imports to teranga_app;

alter table calendar_feeds enable row level security;
create policy tenant on calendar_feeds using (org_id = app_org());
alter table calendar_imports enable row level security;
create policy tenant on calendar_imports using (org_id = app_org());
