-- Foundation: extensions, the application role, the clock, and the organization set on the session.

create extension if not exists postgis;
create extension if not exists btree_gist;

-- The role every service belongs to. It owns nothing and cannot bypass row-level security; the login
-- itself is made by the operator (`create role teranga_service login password … in role teranga_app`).
do $$
begin
    create role teranga_app nologin nosuperuser nobypassrls nocreatedb nocreaterole;
exception
    when duplicate_object or unique_violation then null;  -- roles are cluster-wide; another database made it
end
$$;
grant usage on schema public to teranga_app;

-- The clock of business time. Empty in production; a demo or a test moves it ahead. Only the owner may
-- write it. Leases never use it.
create table clock (
    only_row boolean primary key default true check (only_row),
    ahead interval not null
);
grant select on clock to teranga_app;

create function app_now() returns timestamptz
    language sql stable parallel safe
    as $$ select now() + coalesce((select ahead from public.clock), interval '0') $$;

-- The organization and person of this transaction, set by `domain::db`. Unset means: no tenant row is visible.
create function app_org() returns uuid
    language sql stable parallel safe
    as $$ select nullif(current_setting('app.org_id', true), '')::uuid $$;

create function touch() returns trigger language plpgsql as $$
begin
    new.updated_at := app_now();
    return new;
end
$$;

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'table % is append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;

create table organizations (
    id uuid primary key,
    slug text not null constraint organizations_slug_key unique
        constraint organizations_slug_form check (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
    name text not null check (length(name) between 1 and 200),
    timezone text not null,
    locale text not null default 'fr' check (locale in ('fr', 'en')),
    currency text not null check (currency in ('XOF', 'XAF', 'EUR', 'USD', 'TKT')),
    registration text not null default 'open' check (registration in ('open', 'domain', 'invite', 'closed')),
    email_domains text[] not null default '{}',
    default_role text not null default 'member',
    settings jsonb not null default '{}',
    status text not null default 'active' check (status in ('active', 'suspended')),
    -- Runs the installation: only its people may hold `ops:manage`. The services cannot set it.
    operator boolean not null default false,
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now()
);
create trigger organizations_touch before update on organizations for each row execute function touch();
-- Names and slugs of organizations are public (a rider picks one before signing in); their rows are not tenant data.
grant select on organizations to teranga_app;
grant insert (id, slug, name, timezone, locale, currency, registration, email_domains, default_role, settings)
    on organizations to teranga_app;
grant update (name, timezone, locale, currency, registration, email_domains, default_role, settings, status, version,
    updated_at) on organizations to teranga_app;
