//! The constraint sees every claim (★2), though Postgres may lose entries of an index that statements read: see the
//! migration `constraints_nobody_else_reads`.

use harness::TestApp;

/// Forty bays of four hundred are held, and twelve of those given back: what they left in the index is dead.
const PARK: &str = "
create table bays as
    select gen_random_uuid() as id, n, r.org_id, r.id as park from generate_series(1, 400) n cross join resources r;
insert into units (org_id, id, resource_id, label) select org_id, id, park, 'bay ' || n from bays;
create function hold(low int, high int) returns bigint language sql as $$
    with held as (
        insert into claims (org_id, id, unit_id, during, source, source_id)
        select org_id, gen_random_uuid(), id, tstzrange('2030-01-01', '2030-01-02'), 'booking', gen_random_uuid()
        from bays where n between low and high order by n returning 1)
    select count(*) from held $$;
create function held_twice() returns bigint language plpgsql as $$
declare twice bigint := 0;
begin
    for bay in 13..400 loop
        begin
            twice := twice + hold(bay, bay);
        exception when exclusion_violation then null;
        end;
    end loop;
    return twice;
end $$;
select hold(1, 40);
update claims set active = false, released_at = app_now() where unit_id in (select id from bays where n <= 12);";

/// Bay after bay is asked for, each by a scan of its own within one statement; before the thirteenth, others come and
/// fill a page of the index.
const ASK: &str = "
set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off;
set enable_material = off; set enable_memoize = off;
select count(c.id) from (select * from bays where n <= 40 order by n) b
    cross join lateral (select case b.n when 13 then hold(41, 400) else 0 end as others offset 0) o
    left join lateral (select id from claims
                       where org_id = b.org_id and unit_id = b.id and active and o.others >= 0
                         and during && tstzrange('2030-01-01', '2030-01-02')) c on true;
reset all;";

#[tokio::test]
async fn a_search_that_runs_while_the_index_grows_makes_no_unit_free() {
    let mut app = TestApp::start().await;
    let keeper = app.keeper().await;
    app.car_park(&keeper, "Parking Nord", &["1"]).await;
    app.say(PARK).await;
    app.say(ASK).await;
    assert_eq!(app.count("select count(*) from claims where active").await, 388);
    assert_eq!(app.count("select held_twice()").await, 0, "bays given to two people");
    app.forgive(); // the claims are nobody's bookings
}
