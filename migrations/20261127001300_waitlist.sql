-- Who waits for what, and what was offered to whom and why (H1–H17, ★7). An entry belongs to a booking in status
-- `waitlisted` (CX50); an open offer holds its units by claims of source `offer`.

create table queue_entries (
    org_id uuid not null references organizations,
    id uuid not null,
    booking_id uuid not null,
    resource_id uuid not null,
    user_id uuid not null,  -- the booking's beneficiary: the ranking asks for penalties and bookings by it
    quantity int not null check (quantity between 1 and 60),
    features text[] not null default '{}' check (cardinality(features) <= 40),  -- every unit must have these
    during tstzrange not null check (not isempty(during)),  -- what would be claimed, buffers included
    discipline text not null check (discipline in ('fifo', 'score')),
    seq bigint not null check (seq > 0),  -- place in the line of this resource, given under its lock
    score bigint not null default 0,
    score_parts jsonb not null default '{}' check (jsonb_typeof(score_parts) in ('object', 'array')),
    scored_at timestamptz,
    status text not null default 'waiting'
        check (status in ('waiting', 'offered', 'accepted', 'declined', 'expired', 'cancelled')),
    useful_until timestamptz not null,  -- after it the wish is pointless
    reason text check (length(reason) <= 1000),
    ended_at timestamptz,
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, booking_id) references bookings,
    foreign key (org_id, resource_id) references resources,
    foreign key (org_id, user_id) references memberships,
    constraint queue_entries_seq_key unique (org_id, resource_id, seq),
    constraint queue_entries_half_open check (lower_inc(during) and not upper_inc(during)),
    constraint queue_entries_end check ((status in ('waiting', 'offered')) = (ended_at is null))
);
create unique index queue_entries_booking_once on queue_entries (org_id, booking_id) where status in ('waiting', 'offered');
create index queue_entries_line on queue_entries (org_id, resource_id, score desc, seq) where status = 'waiting';
-- which entries want a span that was just freed
create index queue_entries_during on queue_entries using gist (org_id, resource_id, during) where status = 'waiting';
create index queue_entries_user on queue_entries (org_id, user_id, created_at desc);
create index queue_entries_created on queue_entries (org_id, created_at desc);
create index queue_entries_booking on queue_entries (org_id, booking_id);
create index queue_entries_useful on queue_entries (useful_until) where status in ('waiting', 'offered');
create trigger queue_entries_touch before update on queue_entries for each row execute function touch();

create table offers (
    org_id uuid not null,
    id uuid not null,
    queue_entry_id uuid not null,
    unit_ids uuid[] not null check (cardinality(unit_ids) between 1 and 60),
    during tstzrange not null check (not isempty(during)),
    status text not null default 'open' check (status in ('open', 'accepted', 'declined', 'expired', 'withdrawn')),
    expires_at timestamptz not null,
    made_by uuid,  -- nobody when the system chose
    reason text check (length(reason) <= 1000),
    ranking jsonb not null,  -- the order it was decided by, with weights and parts: it can be replayed (★7)
    answered_at timestamptz,
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, queue_entry_id) references queue_entries,
    constraint offers_half_open check (lower_inc(during) and not upper_inc(during)),
    constraint offers_answer check ((status = 'open') = (answered_at is null))
);
create unique index offers_one_open on offers (org_id, queue_entry_id) where status = 'open';
create index offers_entry on offers (org_id, queue_entry_id, created_at);
create index offers_expiring on offers (expires_at) where status = 'open';
create trigger offers_touch before update on offers for each row execute function touch();

-- What staff propose instead (H10, SN16). It holds nothing: whoever accepts claims then, or hears that it is gone.
create table alternatives (
    org_id uuid not null,
    id uuid not null,
    queue_entry_id uuid not null,
    proposed_by uuid not null references users,
    resource_id uuid not null,
    start_at timestamptz not null,
    end_at timestamptz not null,
    status text not null default 'open' check (status in ('open', 'accepted', 'declined', 'expired', 'withdrawn')),
    reason text not null check (length(reason) between 1 and 1000),
    answered_at timestamptz,
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, queue_entry_id) references queue_entries,
    foreign key (org_id, resource_id) references resources,
    constraint alternatives_end_after_start check (end_at > start_at),
    constraint alternatives_answer check ((status = 'open') = (answered_at is null))
);
create index alternatives_entry on alternatives (org_id, queue_entry_id, created_at);
create trigger alternatives_touch before update on alternatives for each row execute function touch();

grant select, insert, update on queue_entries, offers, alternatives to teranga_app;

alter table queue_entries enable row level security;
create policy tenant on queue_entries using (org_id = app_org());
alter table offers enable row level security;
create policy tenant on offers using (org_id = app_org());
alter table alternatives enable row level security;
create policy tenant on alternatives using (org_id = app_org());
