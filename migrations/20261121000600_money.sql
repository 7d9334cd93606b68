-- Payments, provider events, and the books.

create table provider_accounts (
    org_id uuid not null references organizations,
    id uuid not null,
    provider text not null check (provider in ('wave')),
    mode text not null default 'live' check (mode in ('live', 'test')),
    secret_ref text not null check (secret_ref ~ '^[A-Z][A-Z0-9_]{0,40}$'),
    currency text not null check (currency in ('XOF', 'XAF', 'EUR', 'USD')),
    status text not null default 'up' check (status in ('up', 'degraded', 'down', 'retired')),
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    constraint provider_accounts_ref_key unique (org_id, provider, secret_ref)
);
create unique index provider_accounts_id on provider_accounts (id);
-- one wallet belongs to one organization: its webhooks and its money cannot be told apart otherwise
create unique index provider_accounts_secrets_once on provider_accounts (provider, secret_ref) where status <> 'retired';
create trigger provider_accounts_touch before update on provider_accounts for each row execute function touch();

create table payout_destinations (
    org_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    method text not null check (method in ('wave')),
    number text not null check (number ~ '^\+[1-9][0-9]{6,14}$'),
    holder_name text not null default '' check (length(holder_name) <= 200),
    verified_at timestamptz,
    active_from timestamptz not null default app_now(),
    replaced_at timestamptz,
    created_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, user_id) references memberships
);
create unique index payout_destinations_current on payout_destinations (org_id, user_id) where replaced_at is null;

create table payments (
    org_id uuid not null references organizations,
    id uuid not null,
    direction text not null check (direction in ('in', 'out')),
    purpose text not null check (purpose in ('booking', 'topup', 'purchase', 'fine', 'refund', 'payout', 'withdrawal')),
    subject_type text not null check (subject_type in ('booking', 'payment', 'user', 'event')),
    subject_id uuid not null,
    user_id uuid references users,
    method text not null check (method in ('wave', 'wallet')),
    provider_account_id uuid,
    provider_ref text check (length(provider_ref) <= 255),
    transaction_ref text check (length(transaction_ref) <= 255),
    provider_key text not null,  -- the idempotency key given to the provider: written before the first call, never changed
    amount bigint not null check (amount > 0),
    currency text not null check (currency in ('XOF', 'XAF', 'EUR', 'USD', 'TKT')),
    fees bigint not null default 0 check (fees >= 0),
    status text not null check (status in
        ('created', 'submitted', 'authorized', 'succeeded', 'failed', 'expired', 'unknown', 'scheduled', 'processing')),
    return_url text check (length(return_url) <= 500),
    next_action jsonb,
    destination_id uuid,
    operation_id uuid,
    expires_at timestamptz,
    parent_id uuid,
    failure_code text check (length(failure_code) <= 100),
    attempts int not null default 0,
    succeeded_at timestamptz,
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, provider_account_id) references provider_accounts,
    foreign key (org_id, parent_id) references payments,
    foreign key (org_id, destination_id) references payout_destinations,
    constraint payments_provider_ref_key unique (org_id, provider_account_id, direction, provider_ref)
);
-- one open attempt for one subject: two open checkouts for one ride could both be paid
create unique index payments_one_open on payments (org_id, subject_type, subject_id)
    where direction = 'in' and status in ('created', 'submitted', 'authorized');
-- one refund of one payment's money at a time, and one of a stray event's
create unique index payments_one_refund on payments (org_id, subject_type, subject_id)
    where purpose = 'refund' and status <> 'failed';
create index payments_subject on payments (org_id, subject_id);
create index payments_user on payments (org_id, user_id, created_at desc);
create index payments_created on payments (org_id, created_at desc);
create index payments_unfinished on payments (updated_at)
    where status in ('created', 'submitted', 'authorized', 'unknown', 'scheduled', 'processing');
create index payments_operation on payments (org_id, operation_id) where operation_id is not null;
create trigger payments_touch before update on payments for each row execute function touch();

-- A verified provider event, stored once (J9, CX45). The body is sealed with DATA_KEY (CX40).
create table inbound_events (
    org_id uuid not null,
    id uuid not null,
    provider_account_id uuid not null,
    event_key text not null check (length(event_key) between 1 and 255),
    kind text not null check (length(kind) <= 100),
    news jsonb not null,
    body bytea not null,
    fresh boolean not null,
    payment_id uuid,
    status text not null default 'received' check (status in ('received', 'parked', 'linked', 'settled', 'ignored')),
    note text check (length(note) <= 200),
    received_at timestamptz not null default app_now(),
    handled_at timestamptz,
    primary key (org_id, id),
    constraint inbound_events_once unique (org_id, provider_account_id, event_key),
    foreign key (org_id, provider_account_id) references provider_accounts,
    foreign key (org_id, payment_id) references payments
);
create index inbound_events_parked on inbound_events (org_id, received_at) where status = 'parked';
create index inbound_events_payment on inbound_events (org_id, payment_id);

create table accounts (
    org_id uuid not null references organizations,
    id uuid not null,
    owner_type text not null check (owner_type in ('user', 'org', 'provider')),
    owner_id uuid not null,
    kind text not null check (kind in ('provider', 'wallet', 'earnings', 'escrow', 'commission', 'fees', 'sales',
        'tickets_issued', 'penalties', 'promo', 'provider_fees', 'refund_transit', 'payout_transit', 'suspense')),
    currency text not null check (currency in ('XOF', 'XAF', 'EUR', 'USD', 'TKT')),
    -- Kept for people only: a shared row for an organization's own accounts would serialize its payments.
    cached_balance bigint,
    allow_negative boolean not null default false,
    created_at timestamptz not null default app_now(),
    primary key (org_id, id),
    constraint accounts_key unique (org_id, owner_type, owner_id, kind, currency),
    -- credit balances are negative: a wallet owes its owner; it may not turn positive (K24)
    constraint accounts_no_overdraft check (owner_type <> 'user' or allow_negative or cached_balance <= 0),
    constraint accounts_cache check ((owner_type = 'user') = (cached_balance is not null))
);

create table ledger_transactions (
    org_id uuid not null references organizations,
    id uuid not null,
    kind text not null check (length(kind) between 1 and 60),
    subject_type text not null,
    subject_id uuid not null,
    payment_id uuid,
    dedupe_key text not null,
    occurred_at timestamptz not null,
    memo text check (length(memo) <= 200),
    reverses_id uuid,
    created_at timestamptz not null default app_now(),
    primary key (org_id, id),
    constraint ledger_transactions_once unique (org_id, dedupe_key)
);
create index ledger_transactions_subject on ledger_transactions (org_id, subject_id);

create table entries (
    org_id uuid not null,
    id uuid not null,
    transaction_id uuid not null,
    account_id uuid not null,
    amount bigint not null check (amount <> 0),  -- debit positive, credit negative, minor units
    currency text not null,
    created_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, transaction_id) references ledger_transactions,
    foreign key (org_id, account_id) references accounts
);
create index entries_account on entries (org_id, account_id, id);
create index entries_transaction on entries (org_id, transaction_id);

-- Zero sum per transaction and currency, enforced where it cannot be forgotten: all entries of a transaction
-- arrive in one statement, and a statement that does not balance is refused.
create function entries_balance() returns trigger language plpgsql as $$
begin
    if exists (select 1 from added group by org_id, transaction_id, currency having sum(amount) <> 0) then
        raise exception 'unbalanced ledger transaction' using errcode = 'check_violation', constraint = 'entries_zero_sum';
    end if;
    return null;
end
$$;
create trigger entries_zero_sum after insert on entries referencing new table as added
    for each statement execute function entries_balance();
create trigger entries_append_only before update or delete on entries for each statement execute function refuse_change();
create trigger ledger_transactions_append_only before update or delete on ledger_transactions
    for each statement execute function refuse_change();

-- Which earnings a payout carries: each entry in at most one payout that stands (★12).
create table payout_lines (
    org_id uuid not null,
    payout_id uuid not null,
    entry_id uuid not null,
    released_at timestamptz,
    created_at timestamptz not null default app_now(),
    primary key (org_id, payout_id, entry_id),
    foreign key (org_id, payout_id) references payments (org_id, id),
    foreign key (org_id, entry_id) references entries (org_id, id)
);
create unique index payout_lines_entry_once on payout_lines (org_id, entry_id) where released_at is null;

grant select, insert, update on provider_accounts, payout_destinations, payments, inbound_events, accounts, payout_lines
    to teranga_app;
grant select, insert on ledger_transactions, entries to teranga_app;

alter table provider_accounts enable row level security;
create policy tenant on provider_accounts using (org_id = app_org());
alter table payout_destinations enable row level security;
create policy tenant on payout_destinations using (org_id = app_org());
alter table payments enable row level security;
create policy tenant on payments using (org_id = app_org());
alter table inbound_events enable row level security;
create policy tenant on inbound_events using (org_id = app_org());
alter table accounts enable row level security;
create policy tenant on accounts using (org_id = app_org());
alter table ledger_transactions enable row level security;
create policy tenant on ledger_transactions using (org_id = app_org());
alter table entries enable row level security;
create policy tenant on entries using (org_id = app_org());
alter table payout_lines enable row level security;
create policy tenant on payout_lines using (org_id = app_org());
