-- Members who leave and come back, roles an organization writes itself, and names people choose (C4, C34, CX8, CX23).

alter table memberships drop constraint memberships_status_check;
alter table memberships
    add constraint memberships_status_known check (status in ('active', 'suspended', 'removed')),
    add column service text check (length(service) <= 100),  -- free text, until departments are things (B15)
    add column removed_at timestamptz,
    add column version int not null default 1,
    add constraint memberships_removed_when check ((status = 'removed') = (removed_at is not null));
create index memberships_joined on memberships (org_id, created_at);

alter table roles
    add column description text not null default '' check (length(description) <= 200),
    add column version int not null default 1,
    add column updated_at timestamptz not null default app_now();
create trigger roles_touch before update on roles for each row execute function touch();
grant delete on roles to teranga_app;

-- a person has one username, and nobody else has it (identities_pkey)
create unique index identities_one_username on identities (user_id) where kind = 'username';

-- Passwords that came from elsewhere and were not yet used here (CX7): while there are any, every sign-in takes as
-- long as theirs.
create index credentials_brought_along on credentials (user_id) where algorithm = 'pbkdf2-sha256';
