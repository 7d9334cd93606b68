-- The books are corrected by new transactions only (K2, CX20): one that takes another back, once; none into a period that
-- was closed. Two more promises about money (★4).

alter table ledger_transactions
    add constraint ledger_transactions_reverses foreign key (org_id, reverses_id) references ledger_transactions;
create unique index ledger_transactions_reversed_once on ledger_transactions (org_id, reverses_id) where reverses_id is not null;

-- Everything that happened before is final.
create table ledger_closings (
    org_id uuid not null references organizations,
    id uuid not null,
    closed_before timestamptz not null,
    created_at timestamptz not null default app_now(),
    primary key (org_id, id),
    constraint ledger_closings_once unique (org_id, closed_before)
);
create trigger ledger_closings_append_only before update or delete on ledger_closings for each statement execute function refuse_change();
grant select, insert on ledger_closings to teranga_app;
alter table ledger_closings enable row level security;
create policy tenant on ledger_closings using (org_id = app_org());

-- What happens now is never in a closed period, so only what is dated back asks, and waits for whoever is closing.
create function ledger_period_is_open() returns trigger language plpgsql as $$
begin
    if new.occurred_at < app_now() - interval '10 minutes' then
        perform pg_advisory_xact_lock_shared(hashtextextended('ledger_closings/' || new.org_id, 0));
        if exists (select from ledger_closings c where c.org_id = new.org_id and c.closed_before > new.occurred_at) then
            raise exception 'this period is closed' using errcode = 'check_violation', constraint = 'ledger_period_open';
        end if;
    end if;
    return new;
end
$$;
create trigger ledger_period_open before insert on ledger_transactions for each row execute function ledger_period_is_open();

-- Whoever closes keeps others from dating back meanwhile.
create function close_ledger_alone() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('ledger_closings/' || new.org_id, 0));
    return new;
end
$$;
create trigger ledger_closings_alone before insert on ledger_closings for each row execute function close_ledger_alone();

-- A transaction without sides moves nothing and sums to zero: it has lost them. What takes another back is its mirror.
create function promise_transactions_are_whole() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with sides as (select org_id, transaction_id, count(*) as n from entries group by org_id, transaction_id),
    bad as (
        select t.id from ledger_transactions t
        left join sides s on s.org_id = t.org_id and s.transaction_id = t.id where coalesce(s.n, 0) < 2
        union
        select t.id from ledger_transactions t
        where t.reverses_id is not null and exists (
            select from entries e where e.org_id = t.org_id and e.transaction_id in (t.id, t.reverses_id)
            group by e.account_id, e.currency having sum(e.amount) <> 0))
    select (select count(*) from ledger_transactions), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;

-- A booking that was used is shared as its price and its commission say; money that came in by a provider is in the books to
-- the franc, once.
create function promise_money_is_shared_as_agreed() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with posted as (
        select t.org_id, t.subject_id,
               coalesce(sum(e.amount) filter (where a.kind = 'commission'), 0) as commission
        from ledger_transactions t
        join entries e on e.org_id = t.org_id and e.transaction_id = t.id
        join accounts a on a.org_id = e.org_id and a.id = e.account_id
        where t.subject_type = 'booking' and t.kind = 'booking_completed' group by t.org_id, t.subject_id),
    brought as (
        select t.org_id, t.payment_id, sum(e.amount) as amount
        from ledger_transactions t
        join entries e on e.org_id = t.org_id and e.transaction_id = t.id
        join accounts a on a.org_id = e.org_id and a.id = e.account_id and a.kind = 'provider'
        where t.dedupe_key = 'payment/' || t.payment_id || '/in' group by t.org_id, t.payment_id),
    bad as (
        select b.id from bookings b join posted p on p.org_id = b.org_id and p.subject_id = b.id
        where b.status = 'completed' and p.commission <> -b.commission
        union
        select p.id from payments p left join brought m on m.org_id = p.org_id and m.payment_id = p.id
        where p.direction = 'in' and p.status = 'succeeded' and p.purpose in ('booking', 'fine')
          and p.provider_account_id is not null and m.amount is distinct from p.amount)
    select (select count(*) from payments where direction = 'in' and status = 'succeeded'), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;
