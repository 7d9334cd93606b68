-- What each person wants to be told, how, and when not (SN2). A person without a row has changed nothing.

create table preferences (
    org_id uuid not null,
    user_id uuid not null,
    locale text check (locale in ('fr', 'en')),               -- the person's own language unless set here
    timezone text check (length(timezone) between 1 and 60),  -- the person's, else the organization's
    quiet_from time,
    quiet_to time,
    -- kind of notice → channels it does not travel on
    muted jsonb not null default '{}' check (jsonb_typeof(muted) = 'object'),
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, user_id),
    foreign key (org_id, user_id) references memberships,
    constraint preferences_whole_quiet check ((quiet_from is null) = (quiet_to is null) and quiet_from <> quiet_to)
);
create trigger preferences_touch before update on preferences for each row execute function touch();
grant select, insert, update, delete on preferences to teranga_app;
alter table preferences enable row level security;
create policy tenant on preferences using (org_id = app_org());

-- Where a person can be reached: each valid device, one mailbox, one phone. An address counts when it is verified, or
-- the only one of its kind.
create view reachable as
    select user_id, 'push' as channel, push_token as address from devices where invalid_at is null
    union all
    select user_id, case kind when 'email' then 'email' else 'sms' end, value
    from (select user_id, kind, value, verified_at, count(*) over (partition by user_id, kind) as of_kind,
                 row_number() over (partition by user_id, kind order by verified_at nulls last, created_at, value) as rank
          from identities where issuer = '' and kind in ('email', 'phone')) as named
    where rank = 1 and (verified_at is not null or of_kind = 1);
grant select on reachable to teranga_app;

-- When a message may leave: at once, or when the quiet hours of its reader end. Its age counts from here.
alter table deliveries
    add column send_at timestamptz not null default app_now(),
    add column started_at timestamptz;  -- when its carrier was last asked
update deliveries set send_at = created_at;
drop index deliveries_waiting;
create index deliveries_waiting on deliveries (send_at) where status = 'queued';
create or replace function waiting_deliveries(quiet_for interval, most int) returns table (org_id uuid, delivery_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select d.org_id, d.id from deliveries d
          where d.status = 'queued' and d.send_at <= app_now() - quiet_for
            and d.send_at > app_now() - interval '2 hours'  -- its job gave up by then: a dead letter tells, not ten
          order by d.send_at limit most $$;

-- What was not read, for the number on the app's icon.
create index notifications_unread on notifications (org_id, user_id) where read_at is null;
