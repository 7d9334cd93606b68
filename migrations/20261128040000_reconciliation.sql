-- What a provider's own list says, held against the books (J15, Q2): each difference is a ticket that a person closes.

create table reconciliation_runs (
    org_id uuid not null,
    id uuid not null,
    provider_account_id uuid not null,
    day date not null,  -- in UTC, as providers count
    -- list: the provider's own; statuses: it keeps none, so each payment of the day was asked after
    source text check (source in ('list', 'statuses')),
    movements int not null default 0 check (movements >= 0),
    found int not null default 0 check (found >= 0),
    fees_learned int not null default 0 check (fees_learned >= 0),
    finished_at timestamptz,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, provider_account_id) references provider_accounts
);
create unique index reconciliation_runs_one_open on reconciliation_runs (org_id, provider_account_id, day)
    where finished_at is null;
create index reconciliation_runs_day on reconciliation_runs (org_id, provider_account_id, day);
create trigger reconciliation_runs_touch before update on reconciliation_runs for each row execute function touch();

create table reconciliation_items (
    org_id uuid not null,
    id uuid not null,
    run_id uuid not null,  -- the run that saw it last
    provider_account_id uuid not null,
    day date not null,
    kind text not null check (kind in ('missing_here', 'missing_there', 'amount', 'status', 'fee', 'timing')),
    about text not null check (length(about) <= 300),  -- what is compared: our payment, or the provider's reference
    payment_id uuid,
    checkout_ref text check (length(checkout_ref) <= 255),
    movement_ref text check (length(movement_ref) <= 255),
    ours bigint,
    theirs bigint,
    their_fee bigint,
    currency text not null check (currency in ('XOF', 'XAF', 'EUR', 'USD')),
    our_status text check (length(our_status) <= 40),
    our_at timestamptz,
    their_at timestamptz,
    proposal text not null check (proposal in ('settle', 'adjust', 'adjust_fee', 'accept')),
    status text not null default 'open' check (status in ('open', 'applied', 'dismissed', 'gone')),
    reason text check (length(reason) <= 500),
    decided_at timestamptz,
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, run_id) references reconciliation_runs,
    foreign key (org_id, provider_account_id) references provider_accounts,
    foreign key (org_id, payment_id) references payments,
    -- however often a day is looked at, one difference is one ticket
    constraint reconciliation_items_once unique (org_id, provider_account_id, kind, about)
);
create index reconciliation_items_open on reconciliation_items (org_id, created_at) where status = 'open';
create trigger reconciliation_items_touch before update on reconciliation_items for each row execute function touch();

grant select, insert, update on reconciliation_runs, reconciliation_items to teranga_app;
alter table reconciliation_runs enable row level security;
create policy tenant on reconciliation_runs using (org_id = app_org());
alter table reconciliation_items enable row level security;
create policy tenant on reconciliation_items using (org_id = app_org());

-- Days of the last week that nobody has looked at yet, for accounts that were there. A day is looked at when it has been
-- over for two hours: what crosses midnight has settled by then.
create function days_to_reconcile(most int) returns table (org_id uuid, account_id uuid, day date)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select a.org_id, a.id, d.day::date
          from provider_accounts a
          cross join lateral generate_series(greatest(a.created_at, app_now() - interval '7 days') at time zone 'utc',
                                             (app_now() - interval '26 hours') at time zone 'utc', interval '1 day') as d (day)
          where a.status <> 'retired'
            and not exists (select from reconciliation_runs r where r.org_id = a.org_id and r.provider_account_id = a.id
                            and r.day = d.day::date and r.finished_at is not null)
          order by d.day, a.org_id, a.id limit most $$;
revoke all on function days_to_reconcile(int) from public;
grant execute on function days_to_reconcile(int) to teranga_app;

-- Who keeps the money keeps the books: the template role of organizations that exist gets the new permission too.
update roles set permissions = permissions || array['books:correct']
where name in ('finance', 'admin') and 'payout:run' = any (permissions) and not permissions @> array['books:correct'];
