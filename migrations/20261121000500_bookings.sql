-- Bookings and what they took.

create table bookings (
    org_id uuid not null references organizations,
    id uuid not null,
    code text not null check (code ~ '^[A-Z0-9]{8}$'),
    resource_id uuid not null,
    creator_user_id uuid not null references users,
    beneficiary_user_id uuid not null references users,
    status text not null check (status in ('draft', 'pending', 'waitlisted', 'approved', 'confirmed', 'in_use',
        'completed', 'rejected', 'cancelled', 'expired', 'no_show')),
    payment_status text not null default 'none' check (payment_status in
        ('none', 'due', 'processing', 'paid', 'partially_refunded', 'refunded')),
    start_at timestamptz not null,
    end_at timestamptz not null,
    timezone text not null,
    quantity int not null check (quantity between 1 and 60),
    price bigint not null check (price >= 0),
    currency text not null check (currency in ('XOF', 'XAF', 'EUR', 'USD', 'TKT')),
    commission bigint not null default 0 check (commission >= 0 and commission <= price),
    price_lines jsonb not null default '[]',
    policy_snapshot jsonb not null,
    note text check (length(note) <= 1000),
    hold_expires_at timestamptz,
    reason_code text check (length(reason_code) <= 60),
    cancelled_by uuid,
    cancelled_at timestamptz,
    checked_in_at timestamptz,
    started_at timestamptz,
    ended_at timestamptz,
    code_attempts int not null default 0,
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, resource_id) references resources,
    constraint bookings_code_key unique (org_id, code),
    constraint bookings_end_after_start check (end_at > start_at)
);
create index bookings_resource on bookings (org_id, resource_id, status);
create index bookings_beneficiary on bookings (org_id, beneficiary_user_id, created_at desc);
create index bookings_creator on bookings (org_id, creator_user_id, created_at desc);
create index bookings_created on bookings (org_id, created_at desc);
create index bookings_overdue_holds on bookings (hold_expires_at)
    where status in ('pending', 'approved') and hold_expires_at is not null;
create index bookings_upcoming on bookings (start_at) where status = 'confirmed';
create trigger bookings_touch before update on bookings for each row execute function touch();

create table booking_items (
    org_id uuid not null,
    booking_id uuid not null,
    unit_id uuid not null,
    unit_label text not null,
    created_at timestamptz not null default app_now(),
    primary key (org_id, booking_id, unit_id),
    foreign key (org_id, booking_id) references bookings,
    foreign key (org_id, unit_id) references units
);

grant select, insert, update on bookings to teranga_app;
grant select, insert, delete on booking_items to teranga_app;

alter table bookings enable row level security;
create policy tenant on bookings using (org_id = app_org());
alter table booking_items enable row level security;
create policy tenant on booking_items using (org_id = app_org());
