-- What a person may ask for about themselves (W4, SN26): a copy of everything we hold, and to be forgotten.

-- A copy, sealed with DATA_KEY; the document goes after a few days, the row stays and says that it was made.
create table person_exports (
    org_id uuid not null references organizations,
    id uuid not null,
    user_id uuid not null,
    operation_id uuid not null,
    document bytea,
    built_at timestamptz,
    expires_at timestamptz,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, user_id) references memberships,
    foreign key (org_id, operation_id) references operations,
    constraint person_exports_operation_once unique (org_id, operation_id),
    constraint person_exports_whole check ((built_at is null) = (expires_at is null) and (document is null or built_at is not null))
);
create index person_exports_user on person_exports (org_id, user_id, created_at desc);
create index person_exports_kept on person_exports (expires_at) where document is not null;
create trigger person_exports_touch before update on person_exports for each row execute function touch();
grant select, insert, update on person_exports to teranga_app;
alter table person_exports enable row level security;
create policy tenant on person_exports using (org_id = app_org());

-- A number that was erased is no number any more.
alter table payout_destinations drop constraint payout_destinations_number_check;
alter table payout_destinations
    add constraint payout_destinations_number_form check (number ~ '^\+[1-9][0-9]{6,14}$' or number = 'erased');

-- Values of personal fields, wherever they stand in a document, replaced by a mark. These are the names under which doors
-- and audit rows carry what people typed about themselves or others about them.
create function without_personal(document jsonb, mark jsonb default '{"erased": true}') returns jsonb
    language plpgsql immutable strict parallel safe
    as $$
begin
    if jsonb_typeof(document) = 'object' then
        return (select coalesce(jsonb_object_agg(field.key, case
                    when jsonb_typeof(field.value) = 'null' then field.value
                    when field.key in ('full_name', 'first_name', 'last_name', 'username', 'gender', 'birthdate',
                        'email', 'phone', 'contact', 'address', 'number', 'holder_name', 'doc_number', 'front_key',
                        'back_key', 'note', 'notes', 'purpose', 'remark', 'service', 'plate_number', 'rules',
                        'luggage_policy', 'device_label', 'push_token', 'redirect_url', 'return_url')
                        then mark
                    else without_personal(field.value, mark) end), '{}')
                from jsonb_each(document) as field);
    elsif jsonb_typeof(document) = 'array' then
        return (select coalesce(jsonb_agg(without_personal(item.value, mark) order by item.ordinality), '[]')
                from jsonb_array_elements(document) with ordinality as item);
    end if;
    return document;
end
$$;

-- The audit trail is written for good, with this one exception. The setting alone opens nothing: services may not
-- update the table at all, and what is not a personal field stays as it was whoever asks.
create function audit_stays() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and current_setting('app.erasing', true) = 'audit' then
        return null;
    end if;
    raise exception 'table % is append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;
create function audit_stays_but_for_the_personal() returns trigger language plpgsql as $$
begin
    if (new.org_id, new.id, new.actor_type, new.entity_type, new.entity_id, new.action, new.created_at)
            is distinct from (old.org_id, old.id, old.actor_type, old.entity_type, old.entity_id, old.action, old.created_at)
       or new.actor_id is distinct from old.actor_id or new.request_id is distinct from old.request_id
       or new.before is distinct from without_personal(old.before)
       or new.after is distinct from without_personal(old.after)
       or new.meta - 'erased_at' is distinct from without_personal(old.meta) - 'erased_at' then
        raise exception 'only personal fields of % may be erased', tg_table_name using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;
drop trigger audit_events_append_only on audit_events;
create trigger audit_events_append_only before update or delete or truncate on audit_events
    for each statement execute function audit_stays();
create trigger audit_events_personal before update on audit_events
    for each row execute function audit_stays_but_for_the_personal();

-- Everything of one person whose audit rows may tell about them, in the organization of the session.
create function of_person(of_user uuid) returns table (id uuid)
    language sql stable
    as $$ select of_user
          union select b.id from bookings b
                where b.org_id = app_org() and (b.creator_user_id = of_user or b.beneficiary_user_id = of_user)
          union select p.id from payments p where p.org_id = app_org() and p.user_id = of_user
          union select r.id from resources r where r.org_id = app_org() and r.owner_user_id = of_user
          union select t.id from trips t where t.org_id = app_org() and t.driver_user_id = of_user
          union select k.id from kyc_documents k where k.org_id = app_org() and k.user_id = of_user
          union select d.id from payout_destinations d where d.org_id = app_org() and d.user_id = of_user
          union select x.id from broadcasts x where x.org_id = app_org() and x.sender_id = of_user $$;

-- Erases personal fields from the audit rows about a person who was erased, in the organization of the session, and
-- marks them. Who acted, when, on what and how stays. Answers how many rows it changed.
create function erase_audit(of_user uuid) returns bigint
    language sql volatile security definer set search_path = public, pg_temp set app.erasing = 'audit'
    as $$ with erased as (
              update audit_events a
              set before = without_personal(a.before), after = without_personal(a.after),
                  meta = without_personal(a.meta) || jsonb_build_object('erased_at', app_now())
              where a.org_id = app_org() and a.entity_id in (select id from of_person(of_user))
                and exists (select from users u where u.id = of_user and u.status = 'erased')
                and (a.before is distinct from without_personal(a.before)
                     or a.after is distinct from without_personal(a.after)
                     or a.meta is distinct from without_personal(a.meta))
              returning 1)
          select count(*) from erased $$;

-- What keeps a person from being erased, over all their organizations: ids, and which rule they are about.
create function erasure_blockers(of_user uuid) returns table (org_id uuid, reason text, subject_id uuid)
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
      and p.status in ('created', 'submitted', 'authorized', 'unknown', 'scheduled', 'processing')
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

-- Copies past their time lose their document.
create function forget_exports() returns bigint
    language sql volatile security definer set search_path = public, pg_temp
    as $$ with gone as (update person_exports set document = null
                        where document is not null and expires_at <= app_now() returning 1)
          select count(*) from gone $$;

do $$
declare
    f text;
begin
    foreach f in array array['erase_audit(uuid)', 'erasure_blockers(uuid)', 'forget_exports()']
    loop
        execute format('revoke all on function %s from public', f);
        execute format('grant execute on function %s to teranga_app', f);
    end loop;
end
$$;
