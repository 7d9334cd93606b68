-- Everything a signed request must know of its sender, in one question instead of five: does the session live, is the
-- person active, where do they belong and what may they do there (C26, CX8, CX10). Asked before any organization is
-- chosen, so it reads as the owner; it says nothing about anybody but the holder of this session.
create function admission(of_session uuid, of_user uuid)
    returns table (revoked boolean, expired boolean, person_active boolean, org_id uuid, slug text, open boolean,
                   operator boolean, extra_permissions text[], roles text[], role_permissions text[])
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
begin
    return query
        select s.revoked_at is not null, s.expires_at <= app_now(), u.status = 'active', o.id, o.slug,
               m.status = 'active' and o.status = 'active', o.operator, m.extra_permissions,
               held.names, held.codes
        from sessions s
        join users u on u.id = s.user_id
        left join memberships m on m.user_id = u.id and m.status <> 'removed'
        left join organizations o on o.id = m.org_id
        left join lateral (
            select array_agg(distinct h.role order by h.role) as names,
                   array_agg(code) filter (where code is not null) as codes
            from membership_roles h
            join roles r on r.org_id = h.org_id and r.name = h.role
            left join lateral unnest(r.permissions) as code on true
            where h.org_id = m.org_id and h.user_id = m.user_id) held on true
        where s.id = of_session and s.user_id = of_user;
end $$;
revoke all on function admission(uuid, uuid) from public;
grant execute on function admission(uuid, uuid) to teranga_app;
