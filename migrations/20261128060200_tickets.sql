-- Tickets (K18–K23): a currency of the same books, sold in packs, spent from the wallet, corrected by hand with a reason and,
-- above a limit, by two people (SN25).

create table ticket_offers (
    org_id uuid not null references organizations,
    id uuid not null,
    name text not null check (length(name) between 1 and 100),
    tickets int not null check (tickets between 1 and 1000000),
    price bigint not null check (price > 0),
    currency text not null check (currency in ('XOF', 'XAF', 'EUR', 'USD')),
    active boolean not null default true,
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id)
);
create trigger ticket_offers_touch before update on ticket_offers for each row execute function touch();

-- What a payment buys, as the offer was when it was opened.
create table ticket_purchases (
    org_id uuid not null,
    payment_id uuid not null,
    user_id uuid not null,
    offer_id uuid not null,
    tickets int not null check (tickets > 0),
    created_at timestamptz not null default app_now(),
    primary key (org_id, payment_id),
    foreign key (org_id, payment_id) references payments (org_id, id),
    foreign key (org_id, offer_id) references ticket_offers,
    foreign key (org_id, user_id) references memberships
);

create table wallet_adjustments (
    org_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    currency text not null check (currency in ('XOF', 'XAF', 'EUR', 'USD', 'TKT')),
    delta bigint not null check (delta <> 0),
    reason text not null check (length(reason) between 1 and 1000),
    needs_second boolean not null,
    status text not null check (status in ('pending', 'applied', 'rejected')),
    asked_by uuid not null,
    decided_by uuid,
    decided_at timestamptz,
    reverses_id uuid,
    version int not null default 1,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, user_id) references memberships,
    foreign key (org_id, reverses_id) references wallet_adjustments (org_id, id),
    constraint wallet_adjustments_two_people check (not needs_second or status <> 'applied' or decided_by <> asked_by),
    constraint wallet_adjustments_decided check ((status = 'pending') = (decided_by is null)
        and (decided_by is null) = (decided_at is null))
);
-- undone once
create unique index wallet_adjustments_reversed_once on wallet_adjustments (org_id, reverses_id)
    where status <> 'rejected';
create index wallet_adjustments_user on wallet_adjustments (org_id, user_id, created_at desc);
create trigger wallet_adjustments_touch before update on wallet_adjustments for each row execute function touch();

grant select, insert, update on ticket_offers, wallet_adjustments to teranga_app;
grant select, insert on ticket_purchases to teranga_app;
alter table ticket_offers enable row level security;
create policy tenant on ticket_offers using (org_id = app_org());
alter table ticket_purchases enable row level security;
create policy tenant on ticket_purchases using (org_id = app_org());
alter table wallet_adjustments enable row level security;
create policy tenant on wallet_adjustments using (org_id = app_org());

-- Organizations made before this permission existed get it where the templates of domain/src/permissions.rs have it.
update roles set permissions = permissions || '{wallet:adjust}'
    where name in ('finance', 'admin') and 'wallet:adjust' <> all (permissions);

-- Every ticket comes from a purchase that was paid, or from a correction; each is in the books once.
create function promise_tickets_have_their_postings() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with moved as (
        select t.org_id, coalesce(t.payment_id, t.subject_id) as about, a.owner_id, e.currency, sum(e.amount) as amount
        from ledger_transactions t
        join entries e on e.org_id = t.org_id and e.transaction_id = t.id
        join accounts a on a.org_id = e.org_id and a.id = e.account_id and a.kind = 'wallet'
        where t.kind in ('tickets_sold', 'wallet_adjusted') group by 1, 2, 3, 4),
    bad as (
        select s.payment_id as id from ticket_purchases s
        join payments p on p.org_id = s.org_id and p.id = s.payment_id
        left join moved m on m.org_id = s.org_id and m.about = s.payment_id and m.owner_id = s.user_id
                         and m.currency = 'TKT'
        where coalesce(m.amount, 0) <> case when p.status = 'succeeded' then -s.tickets else 0 end
        union all
        select j.id from wallet_adjustments j
        left join moved m on m.org_id = j.org_id and m.about = j.id and m.owner_id = j.user_id
                         and m.currency = j.currency
        where coalesce(m.amount, 0) <> case when j.status = 'applied' then -j.delta else 0 end)
    select (select count(*) from ticket_purchases) + (select count(*) from wallet_adjustments), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;
