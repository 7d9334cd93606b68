-- Live money and money for trying out never meet (SN50). An organization is of one kind, and with it every account it
-- has at a provider, so every payment, and every line of its books. It changes only while it has no account.
alter table organizations
    add column payment_mode text not null default 'live' check (payment_mode in ('live', 'test')),
    add constraint organizations_payment_mode_key unique (id, payment_mode);
grant insert (payment_mode), update (payment_mode) on organizations to teranga_app;
update organizations o set payment_mode = 'test'
where exists (select from provider_accounts a where a.org_id = o.id and a.mode = 'test')
  and not exists (select from provider_accounts a where a.org_id = o.id and a.mode = 'live');
alter table provider_accounts
    add constraint provider_accounts_mode foreign key (org_id, mode) references organizations (id, payment_mode);

-- What a webhook's account and the secrets of an account are for.
drop function locate_provider_account(uuid);
create function locate_provider_account(account uuid)
    returns table (org_id uuid, provider text, secret_ref text, currency text, mode text)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select a.org_id, a.provider, a.secret_ref, a.currency, a.mode from provider_accounts a
          where a.id = account and a.status <> 'retired' $$;
drop function provider_secret_refs();
create function provider_secret_refs() returns table (provider text, secret_ref text, currency text, mode text)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select distinct a.provider, a.secret_ref, a.currency, a.mode from provider_accounts a
          where a.status <> 'retired' $$;
revoke all on function locate_provider_account(uuid), provider_secret_refs() from public;
grant execute on function locate_provider_account(uuid), provider_secret_refs() to teranga_app;
