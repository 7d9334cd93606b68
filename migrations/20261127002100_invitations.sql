-- Who may come in although they could not by themselves (SN4, L24). The letter carries a secret of which only the hash
-- is here; who is merely listed proves the address with a code.

create table invitations (
    org_id uuid not null references organizations,
    id uuid not null,
    contact_kind text not null check (contact_kind in ('email', 'phone')),
    contact text not null check (length(contact) between 3 and 320),
    role text not null,
    locale text not null check (locale in ('fr', 'en')),
    token_hash bytea,
    -- the letter: 'none' for those who are only listed
    letter text not null check (letter in ('none', 'queued', 'sending', 'sent', 'failed')),
    letter_error text check (length(letter_error) <= 300),
    invited_by uuid references users,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    accepted_by uuid references users,
    revoked_at timestamptz,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    constraint invitations_token_key unique (org_id, token_hash),
    constraint invitations_letter_has_a_secret check ((letter = 'none') = (token_hash is null)),
    constraint invitations_end_once check (accepted_at is null or revoked_at is null),
    constraint invitations_accepted_by check ((accepted_at is null) = (accepted_by is null))
);
-- one way in for one address at a time
create unique index invitations_one_open on invitations (org_id, contact)
    where accepted_at is null and revoked_at is null;
create index invitations_created on invitations (org_id, created_at desc);
create index invitations_age on invitations (expires_at);
create trigger invitations_touch before update on invitations for each row execute function touch();

grant select, insert, update on invitations to teranga_app;
alter table invitations enable row level security;
create policy tenant on invitations using (org_id = app_org());
