-- No statement may read the indexes by which the database refuses overlaps (★2).
--
-- A GiST index scan that is started again within one statement, as the inner side of a nested loop is, keeps its list of
-- dead entries and may mark others at the same places of another page, when the page was split in between (seen in
-- Postgres 15.18: `gistrescan` does not reset `numKilled`). The living entries so marked are found by nobody any more:
-- not by whoever asks what is free, and not by the constraint. So units were sold twice. The constraint's own scan is
-- never started again; it does no such harm.
--
-- Each index is therefore made partial by a condition that says the same as before, and that no query names: the planner
-- cannot choose it. Making them anew also finds again what was lost, and fails where that let something in.
alter table claims
    drop constraint claims_no_overlap,
    -- active, by `claims_life`
    add constraint claims_no_overlap exclude using gist (org_id with =, unit_id with =, during with &&)
        where (freed_at is null);
-- what readers take instead: a unit has few claims that stand
create index claims_standing on claims (org_id, unit_id, lower(during)) where active;

alter table trips
    drop constraint trips_driver_no_overlap,
    add constraint trips_driver_no_overlap exclude using gist
        (org_id with =, driver_user_id with =, tstzrange(departure_at, arrival_eta) with &&)
        -- the latter always holds, by `trips_arrive_after_departure`
        where (status in ('published', 'ongoing') and arrival_eta > departure_at);

-- Nobody asks by time who waits; `queue_entries_line` is the way into a line.
drop index queue_entries_during;
