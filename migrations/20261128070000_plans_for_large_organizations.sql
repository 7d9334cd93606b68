-- Plans that are kept for a connection are made without knowing whose rows will be asked for. Where most organizations are small
-- the database takes every one for small, and walks through all rows of the organization to find one by its id: nothing for a
-- small one, milliseconds for a large one at each statement. Planned as if there were ten, ids are found by their index, which
-- is right for both. Heeded from the next ANALYZE on.
do $$
declare
    tenant record;
begin
    for tenant in
        select c.oid::regclass as name from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
          and a.attname = 'org_id' and not a.attisdropped
    loop
        execute format('alter table %s alter column org_id set (n_distinct = 10)', tenant.name);
    end loop;
end
$$;
