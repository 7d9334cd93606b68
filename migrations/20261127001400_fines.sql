-- What a late return or a no-show costs (SN7, L14). Penalty points are kept with the membership; a fine is money.

create table fines (
    org_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    booking_id uuid,
    reason text not null check (reason in ('late_return', 'no_show', 'damage', 'other')),
    note text check (length(note) <= 1000),
    amount bigint not null check (amount > 0),
    currency text not null check (currency in ('XOF', 'XAF', 'EUR', 'USD')),
    status text not null default 'due' check (status in ('due', 'paid', 'waived')),
    paid_at timestamptz,
    waived_at timestamptz,
    waived_by uuid,
    waived_reason text check (length(waived_reason) between 1 and 1000),
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, user_id) references memberships,
    foreign key (org_id, booking_id) references bookings,
    constraint fines_end check ((status = 'paid') = (paid_at is not null)
        and (status = 'waived') = (num_nonnulls(waived_at, waived_by, waived_reason) = 3)
        and num_nonnulls(waived_at, waived_by, waived_reason) in (0, 3))
);
-- what time decides is decided once, however often its job runs
create unique index fines_once on fines (org_id, booking_id, reason) where reason in ('late_return', 'no_show');
create index fines_user on fines (org_id, user_id, created_at desc);
create index fines_created on fines (org_id, created_at desc);
create trigger fines_touch before update on fines for each row execute function touch();
grant select, insert, update on fines to teranga_app;
alter table fines enable row level security;
create policy tenant on fines using (org_id = app_org());

-- A fine is paid like a booking: through a payment whose subject it is (CX54).
alter table payments
    drop constraint payments_subject_type_check,
    add constraint payments_subject_type_check check (subject_type in ('booking', 'payment', 'user', 'event', 'fine'));
