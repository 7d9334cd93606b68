-- People are known across organizations; what they may do is per organization.

create table users (
    id uuid primary key,
    full_name text not null default '' check (length(full_name) <= 200),
    first_name text check (length(first_name) <= 100),
    last_name text check (length(last_name) <= 100),
    gender text check (length(gender) <= 40),
    birthdate date,
    locale text not null default 'fr' check (locale in ('fr', 'en')),
    timezone text,
    status text not null default 'active' check (status in ('active', 'suspended', 'erased')),
    rating_sum int not null default 0,
    rating_count int not null default 0,
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now()
);
create trigger users_touch before update on users for each row execute function touch();

-- Several ways to name one person (CX23). `issuer` is '' for our own kinds.
create table identities (
    user_id uuid not null references users,
    kind text not null check (kind in ('email', 'phone', 'username', 'external')),
    issuer text not null default '',
    value text not null check (length(value) between 1 and 320),
    verified_at timestamptz,
    created_at timestamptz not null default app_now(),
    constraint identities_pkey primary key (kind, issuer, value)
);
create index identities_user on identities (user_id);

create table credentials (
    user_id uuid not null references users,
    kind text not null check (kind in ('password', 'totp')),
    algorithm text not null check (algorithm in ('argon2id', 'pbkdf2-sha256', 'totp')),
    secret_hash text not null,
    updated_at timestamptz not null default app_now(),
    primary key (user_id, kind)
);

create table sessions (
    id uuid primary key,
    user_id uuid not null references users,
    family_id uuid not null,
    refresh_hash bytea not null constraint sessions_refresh_key unique,
    -- the token before the last rotation: showing it again is theft or a bug, and ends the family (C17)
    device_label text check (length(device_label) <= 200),
    amr text[] not null default '{}',
    authenticated_at timestamptz not null default app_now(),
    last_seen_at timestamptz not null default app_now(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    created_at timestamptz not null default app_now()
);
create index sessions_user on sessions (user_id) where revoked_at is null;
create index sessions_family on sessions (family_id);

-- Spent refresh tokens, so that a second use is recognised.
create table spent_refresh_tokens (
    refresh_hash bytea primary key,
    family_id uuid not null,
    spent_at timestamptz not null default app_now()
);

create table one_time_codes (
    id uuid primary key,
    target text not null,
    purpose text not null check (purpose in ('verify_phone', 'verify_email', 'sign_in', 'payout_destination')),
    attempts int not null default 0,
    last_attempt_at timestamptz,
    expires_at timestamptz not null,
    used_at timestamptz,
    created_at timestamptz not null default app_now()
);
create index one_time_codes_target on one_time_codes (target, purpose, created_at desc);

create table devices (
    id uuid primary key,
    user_id uuid not null references users,
    platform text not null check (platform in ('android', 'ios', 'web')),
    push_token text not null check (length(push_token) between 1 and 4096) constraint devices_push_token_key unique,
    last_seen_at timestamptz not null default app_now(),
    invalid_at timestamptz,
    created_at timestamptz not null default app_now()
);
create index devices_user on devices (user_id) where invalid_at is null;

grant select, insert, update on users, credentials, sessions, one_time_codes, devices to teranga_app;
grant select, insert, update, delete on identities to teranga_app;
grant select, insert, delete on spent_refresh_tokens to teranga_app;
grant delete on sessions, one_time_codes, devices, credentials to teranga_app;

create table roles (
    org_id uuid not null references organizations,
    name text not null check (name ~ '^[a-z][a-z_]{1,40}$'),
    permissions text[] not null,
    created_at timestamptz not null default app_now(),
    primary key (org_id, name)
);

create table memberships (
    org_id uuid not null references organizations,
    user_id uuid not null references users,
    extra_permissions text[] not null default '{}',
    priority text not null default 'standard' check (priority in ('standard', 'high')),
    status text not null default 'active' check (status in ('active', 'suspended')),
    penalty_points int not null default 0,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, user_id)
);
create index memberships_user on memberships (user_id);
create trigger memberships_touch before update on memberships for each row execute function touch();

create table membership_roles (
    org_id uuid not null,
    user_id uuid not null,
    role text not null,
    created_at timestamptz not null default app_now(),
    primary key (org_id, user_id, role),
    foreign key (org_id, user_id) references memberships,
    foreign key (org_id, role) references roles
);

create table kyc_documents (
    org_id uuid not null references organizations,
    id uuid not null,
    user_id uuid not null,
    doc_type text not null check (doc_type in ('national_id', 'passport', 'driving_licence')),
    doc_number bytea not null,  -- sealed with DATA_KEY (W6)
    front_key text not null,
    back_key text,
    status text not null default 'pending' check (status in ('pending', 'approved', 'rejected', 'expired')),
    expires_on date,
    notes text check (length(notes) <= 2000),
    reviewed_by uuid,
    reviewed_at timestamptz,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, user_id) references memberships
);
create index kyc_documents_user on kyc_documents (org_id, user_id);
create index kyc_documents_pending on kyc_documents (org_id, created_at) where status = 'pending';
create unique index kyc_one_pending on kyc_documents (org_id, user_id, doc_type) where status = 'pending';
create trigger kyc_documents_touch before update on kyc_documents for each row execute function touch();

grant select, insert, update on roles, memberships, kyc_documents to teranga_app;
grant select, insert, delete on membership_roles to teranga_app;

alter table roles enable row level security;
create policy tenant on roles using (org_id = app_org());
alter table memberships enable row level security;
create policy tenant on memberships using (org_id = app_org());
alter table membership_roles enable row level security;
create policy tenant on membership_roles using (org_id = app_org());
alter table kyc_documents enable row level security;
create policy tenant on kyc_documents using (org_id = app_org());

-- A signed-in person asks which organizations they belong to before any organization is chosen (CX10).
create function my_memberships(of_user uuid) returns table (org_id uuid, status text)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select m.org_id, m.status from memberships m where m.user_id = of_user $$;
revoke all on function my_memberships(uuid) from public;
grant execute on function my_memberships(uuid) to teranga_app;
