-- A claim's row is formed before the exclusion constraint is asked, so where no lock orders two rivals (a trip gives up its
-- vehicle while another takes it) the new life may begin some microseconds before the old one's end is written. Lives that
-- touch for less than a second are one after the other; two people never had one thing for so short a time.
create or replace function promise_no_overlapping_claims()
    returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with ordered as (
        select org_id, unit_id, id, during, taken_at, coalesce(freed_at, 'infinity') as freed_at,
               max(upper(during)) over (partition by org_id, unit_id order by lower(during), upper(during), id
                                        rows between unbounded preceding and 1 preceding) as had_until
        from claims),
    bad as (select distinct o.id from ordered o
            join claims c on c.org_id = o.org_id and c.unit_id = o.unit_id and c.id <> o.id
                 and lower(c.during) <= lower(o.during) and c.during && o.during
                 and greatest(c.taken_at, o.taken_at) + interval '1 second'
                     < least(coalesce(c.freed_at, 'infinity'), o.freed_at)
            where o.had_until > lower(o.during))
    select (select count(*) from claims), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;
