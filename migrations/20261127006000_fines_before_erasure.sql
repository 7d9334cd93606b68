-- Who owes a fine has something unfinished (SN26).
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
      and p.status in ('created', 'submitted', 'authorized', 'unknown', 'scheduled', 'processing')
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
