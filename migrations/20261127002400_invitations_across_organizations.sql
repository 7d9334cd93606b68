-- One more hole in the tenant wall, as narrow as the others: it answers a number.

-- Addresses of people who never came are not kept for ever (W3, SN44).
create function forget_invitations(older_than interval) returns bigint
    language sql volatile security definer set search_path = public, pg_temp
    as $$ with gone as (delete from invitations where expires_at < app_now() - older_than returning 1)
          select count(*) from gone $$;
revoke all on function forget_invitations(interval) from public;
grant execute on function forget_invitations(interval) to teranga_app;
