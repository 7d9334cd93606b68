-- Statements and finance reports as files (K7, K13, V5): asked for as an operation, written in pieces by a carrier, kept
-- sealed for three days.
create table reports (
    org_id uuid not null references organizations,
    id uuid not null,
    user_id uuid not null,
    operation_id uuid not null,
    kind text not null check (kind in ('wallet', 'payout', 'ledger', 'finance')),
    format text not null check (format in ('csv', 'xlsx', 'pdf')),
    asked jsonb not null,
    -- which attempt at writing it is under way: an earlier one that is still alive keeps nothing any more
    attempt int not null default 0,
    lines bigint,
    bytes bigint,
    built_at timestamptz,
    expires_at timestamptz,
    created_at timestamptz not null default app_now(),
    updated_at timestamptz not null default app_now(),
    primary key (org_id, id),
    foreign key (org_id, user_id) references memberships,
    foreign key (org_id, operation_id) references operations,
    constraint reports_operation_once unique (org_id, operation_id),
    constraint reports_whole check ((built_at is null) = (expires_at is null) and (built_at is null) = (lines is null)
                                    and (built_at is null) = (bytes is null))
);
create index reports_user on reports (org_id, user_id, created_at desc);
create trigger reports_touch before update on reports for each row execute function touch();
grant select, insert, update on reports to teranga_app;
alter table reports enable row level security;
create policy tenant on reports using (org_id = app_org());

-- A file in order, each piece sealed with DATA_KEY for its place.
create table report_pieces (
    org_id uuid not null references organizations,
    report_id uuid not null,
    piece int not null check (piece >= 0),
    content bytea not null,
    created_at timestamptz not null default app_now(),
    primary key (org_id, report_id, piece),
    foreign key (org_id, report_id) references reports
);
create index report_pieces_age on report_pieces (created_at);
grant select, insert, delete on report_pieces to teranga_app;
alter table report_pieces enable row level security;
create policy tenant on report_pieces using (org_id = app_org());

-- Files past their time, and pieces of files that were never finished, are dropped; the rows stay and say what was asked.
create function forget_reports() returns bigint
    language sql volatile security definer set search_path = public, pg_temp
    as $$ with gone as (
              delete from report_pieces p using reports r
              where r.org_id = p.org_id and r.id = p.report_id and p.created_at <= app_now() - interval '1 hour'
                and (r.expires_at <= app_now()
                     or r.built_at is null and exists (select from operations o where o.org_id = r.org_id
                                                       and o.id = r.operation_id and o.finished_at is not null))
              returning p.report_id)
          select count(distinct report_id) from gone $$;
revoke all on function forget_reports() from public;
grant execute on function forget_reports() to teranga_app;

alter table operations drop constraint operations_kind_known;
alter table operations
    add constraint operations_kind_known
        check (kind in ('payment', 'payout_run', 'broadcast', 'privacy_export', 'erasure', 'report'));

-- A report whose job was lost is taken up like the other long work.
create or replace function unfinished_work(quiet_for interval, most int)
    returns table (org_id uuid, operation_id uuid, kind text)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select o.org_id, o.id, o.kind from operations o
          where o.kind in ('broadcast', 'privacy_export', 'erasure', 'report') and o.finished_at is null
            and o.updated_at <= app_now() - quiet_for
          order by o.updated_at limit most $$;
drop index operations_unfinished;
create index operations_unfinished on operations (updated_at)
    where kind in ('broadcast', 'privacy_export', 'erasure', 'report') and finished_at is null;
