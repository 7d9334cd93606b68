-- Organizations made before these permissions existed get them where the templates of domain/src/permissions.rs have
-- them, and the new templates beside theirs. A role that an organization renamed or made itself is left alone.

with additions (name, permissions) as (values
    ('manager', array['booking:approve', 'book:for_others', 'offer:make', 'waitlist:list', 'loan:hand_over', 'fine:waive',
        'resource:create', 'resource:update', 'unit:manage', 'site:manage']),
    ('admin', array['booking:approve', 'book:for_others', 'offer:make', 'waitlist:list', 'loan:hand_over', 'fine:waive',
        'resource:create', 'resource:update', 'unit:manage', 'site:manage', 'policy:manage']))
update roles r
set permissions = r.permissions || (select coalesce(array_agg(p order by p), '{}') from unnest(a.permissions) as p
                                    where p <> all (r.permissions))
from additions a where a.name = r.name;

insert into roles (org_id, name, permissions)
select o.id, t.name, t.permissions
from organizations o cross join (values
    ('student', array['book']),
    ('employee', array['book']),
    ('staff', array['book', 'booking:approve', 'booking:arbitrate', 'book:for_others', 'offer:make', 'waitlist:list',
        'loan:hand_over', 'fine:waive', 'resource:create', 'resource:update', 'unit:manage', 'audit:read']))
    as t (name, permissions)
on conflict do nothing;
