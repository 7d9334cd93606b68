-- Seeing the post room and steering it are two permissions. Whoever steers goes on seeing.
update roles set permissions = permissions || array['ops:read']
where 'ops:manage' = any(permissions) and not 'ops:read' = any(permissions);
update memberships set extra_permissions = extra_permissions || array['ops:read']
where 'ops:manage' = any(extra_permissions) and not 'ops:read' = any(extra_permissions);
