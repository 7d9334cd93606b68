-- A second pair of eyes on the money, laid over the product's own: what breaks a promise is written down here, in the same
-- commit and whatever the product thinks of it. It refuses nothing, so that a guard that is missing is noticed.
create schema witness;
create sequence witness.changed;  -- commits that left an audit event
create sequence witness.entries;  -- sides of the books that were looked at when they were committed
create sequence witness.refunds;  -- refunds held against what was captured
create table witness.wrong (what text not null, about uuid);
create index witness_parents on payments (org_id, parent_id) where parent_id is not null;
create index witness_payments on ledger_transactions (org_id, payment_id) where payment_id is not null;

create function witness.commit_changed() returns trigger language plpgsql security definer as $$
begin
    perform nextval('witness.changed');
    return null;
end
$$;
create trigger witness_changed after insert on audit_events for each statement execute function witness.commit_changed();

-- Every transaction sums to zero; no booking gives more than it was paid.
create function witness.side_written() returns trigger language plpgsql security definer as $$
begin
    perform nextval('witness.entries');
    if exists (select from public.entries e where e.org_id = new.org_id and e.transaction_id = new.transaction_id
               group by e.currency having sum(e.amount) <> 0) then
        insert into witness.wrong values ('ledger_sum', new.transaction_id);
    end if;
    if (select kind from public.accounts a where a.org_id = new.org_id and a.id = new.account_id) = 'escrow' and (
        select sum(e.amount) from public.ledger_transactions t
        join public.ledger_transactions o on o.org_id = t.org_id and o.subject_id = t.subject_id
        join public.entries e on e.org_id = o.org_id and e.transaction_id = o.id and e.account_id = new.account_id
        where t.org_id = new.org_id and t.id = new.transaction_id) > 0 then
        insert into witness.wrong values ('escrow_overdrawn', new.transaction_id);
    end if;
    return null;
end
$$;
create constraint trigger witness_sides after insert on entries deferrable initially deferred
    for each row execute function witness.side_written();

-- No more goes back of a payment than came in by it, whichever checkouts brought it.
create function witness.refund_moved() returns trigger language plpgsql security definer as $$
declare
    captured bigint;
    refunded bigint;
begin
    perform nextval('witness.refunds');
    select coalesce(sum(p.amount), 0) into refunded from public.payments p
    where p.org_id = new.org_id and p.parent_id = new.parent_id and p.purpose = 'refund' and p.status <> 'failed';
    select coalesce(sum(e.amount), 0) into captured from public.ledger_transactions t
    join public.entries e on e.org_id = t.org_id and e.transaction_id = t.id
    join public.accounts a on a.org_id = e.org_id and a.id = e.account_id
    where t.org_id = new.org_id and t.payment_id = new.parent_id
      and (a.kind = 'provider' and t.kind in ('booking_paid', 'stray_money', 'unexplained_money', 'money_explained')
           or a.kind = 'wallet' and t.kind = 'booking_paid');
    if refunded > captured then
        insert into witness.wrong values ('over_refunded', new.parent_id);
    end if;
    return null;
end
$$;
create constraint trigger witness_refunds after insert or update on payments deferrable initially deferred
    for each row when (new.purpose = 'refund') execute function witness.refund_moved();

-- Nobody's balance falls under its floor.
create function witness.balance_moved() returns trigger language plpgsql security definer as $$
begin
    insert into witness.wrong values ('under_floor', new.id);
    return null;
end
$$;
create trigger witness_floor after insert or update on accounts for each row
    when (new.owner_type = 'user' and not new.allow_negative and new.cached_balance > 0) execute function witness.balance_moved();

-- An earning is in one payout that stands.
create function witness.earning_paid() returns trigger language plpgsql security definer as $$
begin
    if (select count(*) from public.payout_lines l
        where l.org_id = new.org_id and l.entry_id = new.entry_id and l.released_at is null) > 1 then
        insert into witness.wrong values ('paid_twice', new.entry_id);
    end if;
    return null;
end
$$;
create constraint trigger witness_payouts after insert or update on payout_lines deferrable initially deferred
    for each row execute function witness.earning_paid();

-- A code gives no more often than it may, to all and to each.
create function witness.code_used() returns trigger language plpgsql security definer as $$
begin
    if exists (select from public.promos p where p.org_id = new.org_id and p.id = new.promo_id and (
        p.max_uses < (select count(*) from public.promo_redemptions r
                      where r.org_id = p.org_id and r.promo_id = p.id and r.status <> 'released')
        or p.per_user_limit < (select count(*) from public.promo_redemptions r
                               where r.org_id = p.org_id and r.promo_id = p.id and r.user_id = new.user_id
                                 and r.status <> 'released'))) then
        insert into witness.wrong values ('over_promised', new.id);
    end if;
    return null;
end
$$;
create constraint trigger witness_codes after insert or update on promo_redemptions deferrable initially deferred
    for each row execute function witness.code_used();
