-- When something is closed though it is usually open (F1-F3, CX35): maintenance, an event, a holiday. A closure is held
-- by claims like everything else, so that nothing is booked into it whatever the code believes.
create table closures (
    org_id uuid not null references organizations,
    id uuid not null,
    site_id uuid,
    resource_id uuid,  -- also set beside a unit, which is of it
    unit_id uuid,
    kind text not null check (kind in ('maintenance', 'event', 'holiday')),
    reason text check (length(reason) <= 1000),
    start_at timestamptz not null,
    end_at timestamptz not null,
    timezone text not null,
    local_start timestamp not null,
    local_end timestamp not null,
    repeats text check (repeats in ('daily', 'weekly')),
    until date,  -- the last day on which it may begin
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    deleted_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, site_id) references sites,
    foreign key (org_id, resource_id) references resources,
    foreign key (org_id, unit_id) references units,
    constraint closures_place check (num_nonnulls(site_id, resource_id) = 1 and (unit_id is null or resource_id is not null)),
    constraint closures_end_after_start check (end_at > start_at),
    constraint closures_repeat check ((repeats is null) = (until is null))
);
create index closures_of_site on closures (org_id, site_id) where site_id is not null and deleted_at is null;
create index closures_of_resource on closures (org_id, resource_id) where resource_id is not null and deleted_at is null;
create trigger closures_touch before update on closures for each row execute function touch();
grant select, insert, update on closures to teranga_app;
alter table closures enable row level security;
create policy tenant on closures using (org_id = app_org());

-- What is held at some time, whichever the unit: for a search over everything, and for whom a closure meets.
create index claims_in_time on claims using gist (org_id, during) where active;

-- Whether a claim is nobody's any more though it stands: its deadline has passed, and whoever asks next ends it.
create function claim_lapsed(org uuid, source text, id uuid, at timestamptz) returns boolean
    language sql stable as $$
    select case source
        when 'booking' then exists (select from bookings b where b.org_id = org and b.id = claim_lapsed.id
                                    and b.status in ('pending', 'approved') and b.hold_expires_at <= at)
        when 'offer' then exists (select from offers o where o.org_id = org and o.id = claim_lapsed.id
                                  and o.status = 'open' and o.expires_at <= at)
        else false end $$;
