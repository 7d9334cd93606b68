-- Bookings of any kind of thing, with what rides did not need (MODEL §2.3): half-day periods, the wall-clock intent,
-- several resources in one booking, hand-over and return, and the deadlines that time alone acts on.

alter table bookings
    add column kind text not null default 'trip'
        check (kind in ('trip', 'parking', 'equipment', 'room', 'vehicle', 'machine')),
    add column period text check (period in ('morning', 'afternoon', 'day')),
    add column local_start timestamp,  -- what the person meant, in `timezone` (CX21)
    add column local_end timestamp,
    add column participants int not null default 1 check (participants between 1 and 100000),
    add column purpose text check (length(purpose) <= 1000),
    add column due_at timestamptz,      -- set for what is lent: it must be back by then (SN6)
    add column overdue_at timestamptz,  -- when it was found late, once
    add column release_at timestamptz,  -- given away unless somebody checked in or picked up by then (SN32)
    add constraint bookings_whole_intent check ((local_start is null) = (local_end is null));

-- `resource_id` of a booking is the resource of its first item, whose policy it was made under.
create index bookings_active_of_person on bookings (org_id, beneficiary_user_id, start_at, end_at)
    where status in ('pending', 'approved', 'confirmed', 'in_use');
create index bookings_by_status on bookings (org_id, status, start_at);
create index bookings_by_start on bookings (org_id, start_at);
create index bookings_lent on bookings (org_id, due_at) where status = 'in_use' and due_at is not null;

-- One row is one unit: wished for (a draft, an entry of the waitlist) or given. `pinned` means that the person named
-- this unit; otherwise any free one of the resource will do, also after a reschedule.
alter table booking_items
    add column id uuid not null default gen_random_uuid(),
    add column resource_id uuid,
    add column pinned boolean not null default false,
    add column handed_over_at timestamptz,
    add column handed_over_by uuid,
    add column condition_out text check (condition_out in ('new', 'good', 'worn', 'damaged')),
    add column returned_at timestamptz,
    add column returned_to uuid,
    add column condition_in text check (condition_in in ('new', 'good', 'worn', 'damaged')),
    add column remark text check (length(remark) <= 1000),
    add column updated_at timestamptz not null default app_now();
update booking_items i set resource_id = u.resource_id from units u where u.org_id = i.org_id and u.id = i.unit_id;
-- programs from before this column name only the unit
create function booking_items_know_their_resource() returns trigger language plpgsql as $$
begin
    select u.resource_id into new.resource_id from units u where u.org_id = new.org_id and u.id = new.unit_id;
    return new;
end
$$;
create trigger booking_items_resource before insert on booking_items for each row
    when (new.resource_id is null) execute function booking_items_know_their_resource();
alter table booking_items
    drop constraint booking_items_pkey,
    alter column unit_id drop not null,
    alter column unit_label drop not null,
    alter column resource_id set not null,
    add primary key (org_id, id),
    add constraint booking_items_resource foreign key (org_id, resource_id) references resources,
    add constraint booking_items_label check ((unit_id is null) = (unit_label is null)),
    add constraint booking_items_pin check (not pinned or unit_id is not null),
    add constraint booking_items_return check (returned_at is null or handed_over_at is not null);
create unique index booking_items_unit_once on booking_items (org_id, booking_id, unit_id) where unit_id is not null;
create index booking_items_booking on booking_items (org_id, booking_id);
create index booking_items_of_resource on booking_items (org_id, resource_id, booking_id);
create index booking_items_of_unit on booking_items (org_id, unit_id, booking_id) where unit_id is not null;
create trigger booking_items_touch before update on booking_items for each row execute function touch();
grant update on booking_items to teranga_app;
