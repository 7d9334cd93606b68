-- A fine is paid exactly when its money is in the books: one payment of its amount, credited to the organization's
-- fees. One that is due or waived moved nothing.

create function promise_fines_have_their_postings() returns table (rows_checked bigint, violations bigint, sample jsonb)
    language sql stable as $$
    with money as (
        select f.id, f.status, f.amount,
               coalesce((select sum(e.amount) from ledger_transactions t
                         join entries e on e.org_id = t.org_id and e.transaction_id = t.id
                         join accounts a on a.org_id = e.org_id and a.id = e.account_id
                         where t.org_id = f.org_id and t.subject_id = f.id and a.kind = 'fees'), 0) as earned
        from fines f),
    bad as (select id from money where earned <> case when status = 'paid' then -amount else 0 end)
    select (select count(*) from money), (select count(*) from bad),
           coalesce((select jsonb_agg(id) from (select id from bad limit 5) s), '[]') $$;
