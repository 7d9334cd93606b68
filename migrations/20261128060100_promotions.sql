-- Promotions and referrals (M1–M10, CX38). A limit is a number on the row of who used it, and two rows cannot have the same
-- number: however many redeem at once, no more than the limit do.

create table promos (
    org_id uuid not null references organizations,
    id uuid not null,
    code text not null check (code ~ '^[A-Z0-9][A-Z0-9_-]{2,39}$'),
    effect text not null check (effect in ('percent_off', 'amount_off', 'credit')),
    value bigint not null check (value > 0),
    currency text check (currency in ('XOF', 'XAF', 'EUR', 'USD', 'TKT')),
    max_uses int check (max_uses > 0),
    per_user_limit int not null default 1 check (per_user_limit > 0),
    starts_at timestamptz not null default app_now(),
    ends_at timestamptz,
    status text not null default 'active' check (status in ('active', 'inactive')),
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    constraint promos_code_key unique (org_id, code),
    constraint promos_value check (case effect when 'percent_off' then currency is null and value <= 100
                                   else currency is not null end),
    constraint promos_span check (ends_at > starts_at)
);
create trigger promos_touch before update on promos for each row execute function touch();

create table promo_redemptions (
    org_id uuid not null,
    id uuid not null,
    promo_id uuid not null,
    user_id uuid not null,
    booking_id uuid,
    amount bigint not null check (amount > 0),
    currency text not null check (currency in ('XOF', 'XAF', 'EUR', 'USD', 'TKT')),
    -- which use of the promotion, and of this person's, with the limits as they were
    number int not null check (number > 0),
    most int,
    user_number int not null check (user_number > 0),
    most_each int not null,
    -- reserved: the booking waits for the rest; used: it is in the books; released: the booking ended unpaid
    status text not null check (status in ('reserved', 'used', 'released')),
    created_at timestamptz not null default app_now(),
    ended_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, promo_id) references promos,
    foreign key (org_id, user_id) references memberships,
    foreign key (org_id, booking_id) references bookings,
    constraint promo_redemptions_limit check (number <= most),
    constraint promo_redemptions_limit_each check (user_number <= most_each),
    constraint promo_redemptions_reserved check (status = 'used' or booking_id is not null),
    constraint promo_redemptions_ended check ((status = 'reserved') = (ended_at is null))
);
create unique index promo_redemptions_number on promo_redemptions (org_id, promo_id, number) where status <> 'released';
create unique index promo_redemptions_user_number on promo_redemptions (org_id, promo_id, user_id, user_number)
    where status <> 'released';
create unique index promo_redemptions_booking on promo_redemptions (org_id, booking_id) where status <> 'released';
create index promo_redemptions_user on promo_redemptions (org_id, user_id, created_at desc);

-- The word by which somebody brings others along (M7), drawn by luck when they join: ten of the letters and digits that do
-- not look alike. Bytes 6 and 8 of such an id are not luck alone, so they are left out.
create function draw_referral_code() returns text language sql volatile as $$
    select string_agg(substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', 1 + get_byte(drawn.bytes, place) % 32, 1), '')
    from (select uuid_send(gen_random_uuid()) as bytes) drawn, unnest(array[0, 1, 2, 3, 4, 5, 9, 10, 11, 12]) as place $$;
alter table memberships add column referral_code text not null default draw_referral_code();
create unique index memberships_referral_code on memberships (org_id, referral_code);

create table referrals (
    org_id uuid not null,
    id uuid not null,
    referrer_user_id uuid not null,
    referee_user_id uuid not null,
    bonus_referrer bigint not null check (bonus_referrer >= 0),
    bonus_referee bigint not null check (bonus_referee >= 0),
    currency text not null check (currency in ('XOF', 'XAF', 'EUR', 'USD', 'TKT')),
    status text not null default 'rewarded' check (status in ('rewarded')),
    created_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, referrer_user_id) references memberships,
    foreign key (org_id, referee_user_id) references memberships,
    constraint referrals_not_oneself check (referrer_user_id <> referee_user_id),
    constraint referrals_once unique (org_id, referee_user_id)
);
-- two people do not bring each other
create unique index referrals_one_way on referrals
    (org_id, least(referrer_user_id, referee_user_id), greatest(referrer_user_id, referee_user_id));
create index referrals_referrer on referrals (org_id, referrer_user_id);

grant select, insert, update on promos, promo_redemptions to teranga_app;
grant select, insert on referrals to teranga_app;
alter table promos enable row level security;
create policy tenant on promos using (org_id = app_org());
alter table promo_redemptions enable row level security;
create policy tenant on promo_redemptions using (org_id = app_org());
alter table referrals enable row level security;
create policy tenant on referrals using (org_id = app_org());

-- Organizations made before this permission existed get it where the templates of domain/src/permissions.rs have it.
update roles set permissions = permissions || '{promo:manage}'
    where name in ('manager', 'ops', 'admin') and 'promo:manage' <> all (permissions);

-- No promotion is used more often than it may be, what was used is in the books once, and so is every referral.
create function promise_promotions_keep_their_limits() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with given as (
        select t.org_id, t.subject_id, t.kind, sum(e.amount) as amount
        from ledger_transactions t
        join entries e on e.org_id = t.org_id and e.transaction_id = t.id
        join accounts a on a.org_id = e.org_id and a.id = e.account_id and a.kind = 'promo'
        where t.kind in ('booking_paid', 'promo_credited', 'referral_rewarded') group by 1, 2, 3),
    bad as (
        select r.id from promo_redemptions r
        left join given g on g.org_id = r.org_id and g.subject_id = coalesce(r.booking_id, r.id)
        where r.status <> 'released' and coalesce(g.amount, 0) <> case r.status when 'used' then r.amount else 0 end
        union all
        select p.id from promos p
        where p.max_uses < (select count(*) from promo_redemptions r
                            where r.org_id = p.org_id and r.promo_id = p.id and r.status <> 'released')
          and not exists (select from promo_redemptions r where r.org_id = p.org_id and r.promo_id = p.id
                          and r.most is distinct from p.max_uses)
        union all
        select f.id from referrals f left join given g on g.org_id = f.org_id and g.subject_id = f.id
        where coalesce(g.amount, 0) <> f.bonus_referrer + f.bonus_referee)
    select (select count(*) from promo_redemptions) + (select count(*) from referrals), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;
