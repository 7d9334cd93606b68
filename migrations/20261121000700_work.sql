-- Operations a client can poll, idempotency keys, audit, notifications.

create table operations (
    org_id uuid not null references organizations,
    id uuid not null,
    kind text not null check (kind in ('payment', 'payout_run')),
    status text not null default 'queued' check (status in ('queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled')),
    subject_type text not null,
    subject_id uuid not null,
    steps jsonb not null default '[]',
    waiting_for text check (length(waiting_for) <= 60),
    result jsonb,
    error jsonb,
    actor_id uuid,
    request_id text check (length(request_id) <= 100),
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    finished_at timestamptz,
    primary key (org_id, id)
);
create index operations_created on operations (org_id, created_at desc);
create index operations_actor on operations (org_id, actor_id, created_at desc);
create trigger operations_touch before update on operations for each row execute function touch();

-- The answer to a request that must happen once, written in the request's own transaction (CX15): a rival with
-- the same key waits on the unique key and then finds the answer.
create table idempotency_keys (
    org_id uuid not null references organizations,
    actor_id uuid not null,
    key text not null check (length(key) between 1 and 255),
    request_hash bytea not null,
    status int,
    location text,
    etag text,
    body jsonb,
    operation_id uuid,
    created_at timestamptz not null default app_now(),
    constraint idempotency_keys_once primary key (org_id, actor_id, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

create table audit_events (
    org_id uuid not null references organizations,
    id uuid not null,
    actor_type text not null check (actor_type in ('user', 'admin', 'machine', 'system')),
    actor_id uuid,
    entity_type text not null,
    entity_id uuid not null,
    action text not null check (action in ('CREATE', 'UPDATE', 'SOFT_DELETE', 'RESTORE', 'STATUS_CHANGE')),
    before jsonb,
    after jsonb,
    meta jsonb not null default '{}',
    request_id text,
    created_at timestamptz not null,
    primary key (org_id, id)
);
create index audit_events_entity on audit_events (org_id, entity_id, id);
create trigger audit_events_append_only before update or delete on audit_events
    for each statement execute function refuse_change();

create table notifications (
    org_id uuid not null references organizations,
    id uuid not null,
    user_id uuid not null references users,
    kind text not null check (length(kind) <= 60),
    subject_type text not null,
    subject_id uuid not null,
    payload jsonb not null,
    locale text not null check (locale in ('fr', 'en')),
    dedupe_key text not null,
    read_at timestamptz,
    created_at timestamptz not null default app_now(),
    primary key (org_id, id),
    constraint notifications_once unique (org_id, dedupe_key)
);
create index notifications_user on notifications (org_id, user_id, created_at desc);

create table deliveries (
    org_id uuid not null,
    id uuid not null,
    notification_id uuid not null,
    channel text not null check (channel in ('push', 'email', 'sms')),
    address text not null,
    status text not null default 'queued' check (status in ('queued', 'sending', 'sent', 'failed', 'dropped')),
    provider_message_id text check (length(provider_message_id) <= 300),
    error text check (length(error) <= 300),
    sent_at timestamptz,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, notification_id) references notifications,
    constraint deliveries_once unique (org_id, notification_id, channel, address)
);
create trigger deliveries_touch before update on deliveries for each row execute function touch();

create table invariant_checks (
    name text not null,
    checked_at timestamptz not null default app_now(),
    rows_checked bigint not null,
    violations bigint not null,
    sample jsonb not null default '[]',
    primary key (name, checked_at)
);

grant select, insert, update on operations, idempotency_keys, notifications, deliveries to teranga_app;
grant delete on idempotency_keys to teranga_app;
grant select, insert on audit_events to teranga_app;
grant select, insert, delete on invariant_checks to teranga_app;

alter table operations enable row level security;
create policy tenant on operations using (org_id = app_org());
alter table idempotency_keys enable row level security;
create policy tenant on idempotency_keys using (org_id = app_org());
alter table audit_events enable row level security;
create policy tenant on audit_events using (org_id = app_org());
alter table notifications enable row level security;
create policy tenant on notifications using (org_id = app_org());
alter table deliveries enable row level security;
create policy tenant on deliveries using (org_id = app_org());
