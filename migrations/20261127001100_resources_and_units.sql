-- What any resource and any unit may tell about itself (E1–E5, SN22, SN43). Rides and drivers' vehicles leave it empty.

alter table resources
    add column site_id uuid,
    add column policy_id uuid,
    add column serial_number text check (length(serial_number) between 1 and 100),
    add column capacity int check (capacity between 1 and 100000),  -- people it holds, such as a room's chairs (G13)
    add column features text[] not null default '{}' check (cardinality(features) <= 40),
    add column location jsonb not null default '{}' check (jsonb_typeof(location) = 'object'),
    add column image_keys text[] not null default '{}' check (cardinality(image_keys) <= 20),
    add column price_per text check (price_per in ('hour', 'day', 'flat')),
    add column price_amount bigint check (price_amount >= 0),
    add column price_currency text check (price_currency in ('XOF', 'XAF', 'EUR', 'USD', 'TKT')),
    add column queue_discipline text not null default 'none' check (queue_discipline in ('none', 'fifo', 'score')),
    add constraint resources_site foreign key (org_id, site_id) references sites,
    add constraint resources_policy foreign key (org_id, policy_id) references policies,
    add constraint resources_whole_price check (num_nulls(price_per, price_amount, price_currency) in (0, 3));

-- Names are told apart where people look for them: on one site, among what the organization itself offers (E6).
-- A trip or a driver's vehicle has an owner and may be called like another.
create unique index resources_name_key on resources (org_id, site_id, lower(name)) nulls not distinct
    where deleted_at is null and owner_user_id is null;
create index resources_offered on resources (org_id, kind, lower(name)) where owner_user_id is null;
create index resources_policy on resources (org_id, policy_id) where policy_id is not null;

alter table units
    add column barcode text check (length(barcode) between 1 and 100),
    add column condition text check (condition in ('new', 'good', 'worn', 'damaged')),
    add column position_x double precision,
    add column position_y double precision,
    add column features text[] not null default '{}' check (cardinality(features) <= 40),
    add column version int not null default 1,
    add constraint units_whole_position check ((position_x is null) = (position_y is null));
create unique index units_barcode_key on units (org_id, barcode) where barcode is not null and deleted_at is null;
