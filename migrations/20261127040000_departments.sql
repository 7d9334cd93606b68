-- Parts of an organization on its sites: who leads them and what they may spend (B13–B17). What a person keeps at hand
-- (Z9), and words by which resources are found (Z8).

create table departments (
    org_id uuid not null references organizations,
    id uuid not null,
    site_id uuid not null,
    name text not null check (length(name) between 3 and 200),
    manager_user_id uuid not null,
    annual_budget bigint check (annual_budget >= 0),  -- in minor units of the organization's currency
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    deleted_at timestamptz,
    primary key (org_id, id),
    constraint departments_site foreign key (org_id, site_id) references sites,
    constraint departments_manager foreign key (org_id, manager_user_id) references memberships
);
create unique index departments_name_key on departments (org_id, site_id, lower(name)) where deleted_at is null;
create index departments_of_manager on departments (org_id, manager_user_id) where deleted_at is null;
create trigger departments_touch before update on departments for each row execute function touch();

alter table memberships
    add column department_id uuid,
    add constraint memberships_department foreign key (org_id, department_id) references departments;
create index memberships_of_department on memberships (org_id, department_id) where department_id is not null;
create index memberships_of_site on memberships (org_id, site_id) where site_id is not null;

create table favourites (
    org_id uuid not null,
    user_id uuid not null,
    resource_id uuid not null,
    created_at timestamptz not null default app_now(),
    primary key (org_id, user_id, resource_id),
    foreign key (org_id, user_id) references memberships,
    foreign key (org_id, resource_id) references resources
);
create index favourites_resource on favourites (org_id, resource_id);

-- Words without accents and in small letters, cut to their stems: "Caméras" finds "camera". One language for all, because
-- what is written and what is asked are cut alike.
create function search_words(said text) returns tsvector
    language sql immutable parallel safe set search_path = pg_catalog, pg_temp
    as $$ select to_tsvector('pg_catalog.french', translate(lower(said),
                 'àâäáãåçéèêëíìîïñóòôöõúùûüýÿœæ',
                 'aaaaaaceeeeiiiinooooouuuuyyoa')) $$;
create function search_query(said text) returns tsquery
    language sql immutable parallel safe set search_path = pg_catalog, pg_temp
    as $$ select to_tsquery('pg_catalog.french', translate(lower(said),
                 'àâäáãåçéèêëíìîïñóòôöõúùûüýÿœæ',
                 'aaaaaaceeeeiiiinooooouuuuyyoa')) $$;
create function resource_words(name text, description text, features text[], location jsonb, serial text) returns tsvector
    language sql immutable parallel safe set search_path = public, pg_catalog, pg_temp
    as $$ select setweight(search_words(name), 'A')
              || setweight(search_words(array_to_string(features, ' ')), 'B')
              || setweight(search_words(concat_ws(' ', location ->> 'building', location ->> 'floor', location ->> 'room', serial)), 'C')
              || setweight(search_words(description), 'D') $$;
alter table resources add column words tsvector
    generated always as (resource_words(name, description, features, location, serial_number)) stored;
create index resources_words on resources using gin (words) where owner_user_id is null and deleted_at is null;

grant select, insert, update on departments to teranga_app;
grant select, insert, delete on favourites to teranga_app;

alter table departments enable row level security;
create policy tenant on departments using (org_id = app_org());
alter table favourites enable row level security;
create policy tenant on favourites using (org_id = app_org());

-- Whoever may manage sites may manage the departments on them, and whoever leads people may see how things are used.
update roles set permissions = permissions || array['department:manage']
where permissions @> array['site:manage'] and not permissions @> array['department:manage'];
update roles set permissions = permissions || array['report:read']
where permissions && array['site:manage', 'payout:run'] and not permissions @> array['report:read'];
