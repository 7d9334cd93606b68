-- Bookings that come again every so many weeks, on the clocks of the place (SN10, ★10). Each date has its booking, which
-- lives its own life; what was refused is told, what is taken may wait and joins the series when it frees up.

create table booking_series (
    org_id uuid not null references organizations,
    id uuid not null,
    resource_id uuid not null,
    creator_user_id uuid not null references users,
    beneficiary_user_id uuid not null references users,
    weekdays int[] not null check (cardinality(weekdays) between 1 and 7 and weekdays <@ array[1, 2, 3, 4, 5, 6, 7]),
    every_weeks int not null check (every_weeks between 1 and 52),
    first_date date not null,
    until_date date not null,
    start_time time not null,
    end_time time not null,  -- on the next day when it is not later than `start_time`
    on_conflict text not null check (on_conflict in ('fail', 'skip', 'queue')),
    quantity int not null check (quantity between 1 and 60),
    participants int not null check (participants between 1 and 100000),
    purpose text check (length(purpose) <= 1000),
    note text check (length(note) <= 1000),
    refused jsonb not null default '[]' check (jsonb_typeof(refused) = 'array'),  -- dates and the codes of their refusals
    cancelled_at timestamptz,
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, resource_id) references resources,
    foreign key (org_id, beneficiary_user_id) references memberships,
    constraint booking_series_end check (until_date >= first_date)
);
create index booking_series_beneficiary on booking_series (org_id, beneficiary_user_id, created_at desc);
create index booking_series_creator on booking_series (org_id, creator_user_id, created_at desc);
create trigger booking_series_touch before update on booking_series for each row execute function touch();

alter table bookings
    add column series_id uuid,
    add column series_date date,  -- the date it stands for, wherever it is moved
    add constraint bookings_series foreign key (org_id, series_id) references booking_series,
    add constraint bookings_whole_series check ((series_id is null) = (series_date is null));
-- one living booking for each date
create unique index bookings_series_once on bookings (org_id, series_id, series_date)
    where series_id is not null and status not in ('cancelled', 'rejected', 'expired');

grant select, insert, update on booking_series to teranga_app;
alter table booking_series enable row level security;
create policy tenant on booking_series using (org_id = app_org());
