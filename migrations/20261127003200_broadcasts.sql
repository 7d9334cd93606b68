-- One message to many people (R2): what it says, to whom, and how far the walk over them is.

alter table memberships add column if not exists site_id uuid;
create index memberships_at_site on memberships (org_id, site_id, user_id) where site_id is not null;

create table broadcasts (
    org_id uuid not null references organizations,
    id uuid not null,
    operation_id uuid not null,
    sender_id uuid not null,
    audience text not null check (audience in ('everybody', 'role', 'site', 'members')),
    role text,
    site_id uuid,
    member_ids uuid[] not null default '{}' check (cardinality(member_ids) <= 1000),
    subject_fr text not null check (length(subject_fr) between 1 and 120),
    subject_en text not null check (length(subject_en) between 1 and 120),
    body_fr text not null check (length(body_fr) between 1 and 4000),
    body_en text not null check (length(body_en) between 1 and 4000),
    channels text[] not null check (channels <@ array['push', 'email', 'sms']),
    -- the walk goes in the order of people's ids: everyone up to here was told, in the commit that wrote it
    walked_to uuid,
    walked_at timestamptz,
    recipients int not null default 0,
    passed_over int not null default 0,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, operation_id) references operations,
    foreign key (org_id, sender_id) references memberships,
    constraint broadcasts_operation_once unique (org_id, operation_id),
    constraint broadcasts_whole_audience check ((role is not null) = (audience = 'role')
        and (site_id is not null) = (audience = 'site') and (cardinality(member_ids) > 0) = (audience = 'members'))
);
create index broadcasts_created on broadcasts (org_id, created_at desc);
create trigger broadcasts_touch before update on broadcasts for each row execute function touch();
grant select, insert, update on broadcasts to teranga_app;
alter table broadcasts enable row level security;
create policy tenant on broadcasts using (org_id = app_org());

-- Counting what became of a broadcast reads its own notifications only.
create index notifications_of_broadcast on notifications (org_id, subject_id) where subject_type = 'broadcast';

-- Organizations made before this permission existed get it where the templates of domain/src/permissions.rs have it.
update roles set permissions = permissions || '{notification:send}'
    where name in ('manager', 'admin') and 'notification:send' <> all (permissions);
