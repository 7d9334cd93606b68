-- Every provider of the papers (J2, J18): who may be asked, what each needs to be asked, and what a person does by hand.

alter table provider_accounts
    drop constraint provider_accounts_provider_check,
    add constraint provider_accounts_provider_check check (provider in ('wave', 'orange', 'mtn', 'card', 'sonatel'));
alter table payout_destinations
    drop constraint payout_destinations_method_check,
    add constraint payout_destinations_method_check check (method in ('wave', 'mtn', 'sonatel'));
alter table payments
    drop constraint payments_method_check,
    add constraint payments_method_check check (method in ('wave', 'orange', 'mtn', 'card', 'sonatel', 'wallet')),
    drop constraint payments_status_check,
    -- manual: the provider cannot do it, a person does (J14)
    add constraint payments_status_check check (status in ('created', 'submitted', 'authorized', 'succeeded', 'failed',
        'expired', 'unknown', 'scheduled', 'processing', 'manual')),
    -- the wallet that is asked, where the payer has no page to go to
    add column payer_phone text check (payer_phone ~ '^\+[1-9][0-9]{6,14}$'),
    -- SHA-256 of what an unsigned callback must bring along, where the provider gave us such a word
    add column callback_digest bytea check (length(callback_digest) = 32);

-- An unsigned callback names a payment; whether its address was made by us is checked against what stands here.
create function locate_callback(payment uuid)
    returns table (org_id uuid, account_id uuid, provider text, amount bigint, currency text, created_at timestamptz,
                   digest bytea, now timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select p.org_id, p.provider_account_id, p.method, p.amount, p.currency, p.created_at, p.callback_digest, app_now()
          from payments p where p.id = payment and p.direction = 'in' and p.provider_account_id is not null $$;
create index payments_by_id on payments (id) where direction = 'in';
revoke all on function locate_callback(uuid) from public;
grant execute on function locate_callback(uuid) to teranga_app;

-- Money a person has yet to send back is something unfinished too (SN26).
create or replace function erasure_blockers(of_user uuid) returns table (org_id uuid, reason text, subject_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$
    with homes as (select m.org_id from memberships m where m.user_id = of_user)
    select b.org_id, case when b.status in ('completed', 'no_show') then 'unpaid_booking' else 'open_booking' end, b.id
    from homes h join bookings b on b.org_id = h.org_id
    where (b.creator_user_id = of_user or b.beneficiary_user_id = of_user)
      and (b.status in ('pending', 'waitlisted', 'approved', 'confirmed', 'in_use')
           or b.status in ('completed', 'no_show') and b.payment_status in ('due', 'processing'))
    union all
    select t.org_id, 'open_trip', t.id from homes h join trips t on t.org_id = h.org_id
    where t.driver_user_id = of_user and t.status in ('published', 'ongoing')
    union all
    select p.org_id, case when p.direction = 'in' then 'open_payment' else 'unfinished_' || p.purpose end, p.id
    from homes h join payments p on p.org_id = h.org_id
    where p.user_id = of_user
      and p.status in ('created', 'submitted', 'authorized', 'unknown', 'scheduled', 'processing', 'manual')
    union all
    select f.org_id, 'unpaid_fine', f.id from homes h join fines f on f.org_id = h.org_id
    where f.user_id = of_user and f.status = 'due'
    union all
    select a.org_id, 'balance', a.id from homes h join accounts a on a.org_id = h.org_id
    where a.owner_type = 'user' and a.owner_id = of_user and a.cached_balance <> 0
    union all
    -- somebody must remain who can hand out roles
    select h.org_id, 'last_admin', h.org_id from homes h
    where exists (select from membership_roles mr join roles r on r.org_id = mr.org_id and r.name = mr.role
                  where mr.org_id = h.org_id and mr.user_id = of_user and 'member:manage' = any (r.permissions))
      and not exists (select from membership_roles mr join roles r on r.org_id = mr.org_id and r.name = mr.role
                      join memberships m on m.org_id = mr.org_id and m.user_id = mr.user_id and m.status = 'active'
                      join users u on u.id = mr.user_id and u.status = 'active'
                      where mr.org_id = h.org_id and mr.user_id <> of_user and 'member:manage' = any (r.permissions))
    $$;
