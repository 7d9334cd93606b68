-- Which policy a resource is booked under: its own, else the standard one of its kind, else the standard one of every kind;
-- none when null (L-group). Asked beside the resource itself, so that a booking reads both in one go; plpgsql, because
-- its plan is kept for the session.
create function rules_in_force(of_org uuid, own_policy uuid, of_kind text) returns jsonb
    language plpgsql stable as $$
begin
    return (select p.rules from policies p
            where p.org_id = of_org and p.deleted_at is null
              and (p.id = own_policy or p.standard and p.applies_to in (of_kind, 'any'))
            order by p.id = own_policy desc nulls last, p.applies_to = of_kind desc limit 1);
end $$;
