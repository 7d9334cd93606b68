-- Every claim that ever stood can be held against every other, whatever the exclusion constraint believes (★2).

-- When a claim stood, on the database's own clock at the statement: rivals wait for one another's locks, so a claim is
-- taken after the one it follows was freed, whenever their transactions began. Business time could not tell.
alter table claims
    add column taken_at timestamptz not null default clock_timestamp(),
    add column freed_at timestamptz;
update claims set taken_at = created_at, freed_at = case when not active then greatest(released_at, created_at) end;
alter table claims add constraint claims_life check (active = (freed_at is null));

-- A claim that is moved begins a new life and its old span is forgotten. Who wants the history kept releases and
-- claims anew, as a reschedule does.
create function claims_live_once() returns trigger language plpgsql as $$
begin
    if not new.active then
        new.freed_at := coalesce(old.freed_at, clock_timestamp());
    elsif not old.active or new.during <> old.during or new.unit_id <> old.unit_id then
        new.taken_at := clock_timestamp();
        new.freed_at := null;
    end if;
    return new;
end
$$;
create trigger claims_life before update on claims for each row execute function claims_live_once();

-- The history of a unit, for its calendar and for the check that compares neighbours in time.
create index claims_of_unit on claims (org_id, unit_id, lower(during));
