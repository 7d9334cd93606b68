-- A range asked for as a whole is looked up in the index by time, which the database takes for nearly unique. Where thousands
-- of units are had for the same hours it is not, and the check of one organization's day took minutes.
create or replace function promise_bookings_hold_their_claims() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with wanted as (
        select b.org_id, b.id, b.quantity, b.status in ('pending', 'approved', 'confirmed', 'in_use') as active,
               tstzrange(b.start_at - make_interval(mins => coalesce((b.policy_snapshot ->> 'buffer_before_minutes')::int, 0)),
                         b.end_at + make_interval(mins => coalesce((b.policy_snapshot ->> 'buffer_after_minutes')::int, 0)))
                   as during
        from bookings b),
    held as (
        select w.id, w.quantity, w.active,
               (select count(*) from booking_items i
                where i.org_id = w.org_id and i.booking_id = w.id) as items,
               (select count(*) from booking_items i
                where i.org_id = w.org_id and i.booking_id = w.id and i.unit_id is not null and i.returned_at is null) as due,
               (select count(*) from booking_items i join claims c on c.org_id = i.org_id and c.unit_id = i.unit_id
                where i.org_id = w.org_id and i.booking_id = w.id and i.returned_at is null
                  and c.source = 'booking' and c.source_id = w.id and c.active
                  and lower(c.during) = lower(w.during) and upper(c.during) = upper(w.during)) as claims,
               (select count(*) from claims c
                where c.org_id = w.org_id and c.source_id = w.id and c.active) as all_claims
        from wanted w),
    bad as (select id from held
            where all_claims <> case when active then due else 0 end or claims <> all_claims
               or active and items <> quantity)
    select (select count(*) from held), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;
