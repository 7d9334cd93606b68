-- What can be told of a payment (CX40): every call made to its provider, beside the events, decisions and postings that
-- are kept anyway. A few dozen at most: polls grow rare, and end after a week.
alter table payments add column calls jsonb not null default '[]';
create index ledger_transactions_payment on ledger_transactions (org_id, payment_id) where payment_id is not null;

-- What a provider sent is kept as it came for so long, and then only that it came (CX40).
create function forget_event_bodies(older_than interval) returns bigint
    language sql volatile security definer set search_path = public, pg_temp
    as $$ with gone as (update inbound_events set body = ''
                        where received_at < app_now() - older_than and body <> '' returning 1)
          select count(*) from gone $$;
create index inbound_events_bodies on inbound_events (received_at) where body <> '';
revoke all on function forget_event_bodies(interval) from public;
grant execute on function forget_event_bodies(interval) to teranga_app;

-- Money that people send back by hand is seen by two of them from some amount on (SN25): who said it first, and how.
alter table payments
    add column stated_by uuid references users,
    add column stated_ref text check (length(stated_ref) between 1 and 255),
    add constraint payments_stated_whole check ((stated_by is null) = (stated_ref is null));
