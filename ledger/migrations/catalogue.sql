-- What a database has, one line an object: everything that guards the journal, and everything that could get past it.
WITH
owned AS (SELECT datdba AS owner FROM pg_database WHERE datname = current_database()),
spaces AS (
    SELECT oid, nspname, nspowner, nspacl FROM pg_namespace
    WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
),
relations AS (
    SELECT c.*, CASE s.nspname WHEN 'public' THEN '' ELSE s.nspname || '.' END || c.relname AS name
    FROM pg_class c JOIN spaces s ON s.oid = c.relnamespace
    WHERE NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
),
functions AS (
    SELECT p.*, CASE s.nspname WHEN 'public' THEN '' ELSE s.nspname || '.' END
        || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS name
    FROM pg_proc p JOIN spaces s ON s.oid = p.pronamespace
    WHERE NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    )
),
roles AS (
    SELECT *, rolname IN ({roles}) AS is_role FROM pg_roles WHERE rolname IN ({roles}, '{login}', '{reader}')
),
grants AS (
    SELECT 'table ' || c.name AS what, a.grantee, a.privilege_type, a.is_grantable
    FROM relations c, owned o, aclexplode(c.relacl) a WHERE a.grantee <> o.owner
    UNION ALL
    SELECT 'column ' || c.name || '.' || t.attname, a.grantee, a.privilege_type, a.is_grantable
    FROM relations c JOIN pg_attribute t ON t.attrelid = c.oid, owned o, aclexplode(t.attacl) a
    WHERE a.grantee <> o.owner
    UNION ALL
    SELECT 'function ' || p.name, a.grantee, a.privilege_type, a.is_grantable
    FROM functions p, owned o, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    WHERE a.grantee <> o.owner AND a.grantee <> p.proowner
    UNION ALL
    SELECT 'schema ' || s.nspname, a.grantee, a.privilege_type, a.is_grantable
    FROM spaces s, owned o, aclexplode(s.nspacl) a WHERE a.grantee NOT IN (o.owner, s.nspowner)
    UNION ALL
    SELECT 'database', a.grantee, a.privilege_type, a.is_grantable
    FROM pg_database d, owned o, aclexplode(d.datacl) a
    WHERE d.datname = current_database() AND a.grantee <> o.owner AND a.privilege_type NOT IN ('CONNECT', 'TEMPORARY')
    UNION ALL
    SELECT 'whatever ' || d.defaclrole::regrole::text || ' makes', a.grantee, a.privilege_type, a.is_grantable
    FROM pg_default_acl d, owned o, aclexplode(d.defaclacl) a
    WHERE a.grantee <> o.owner AND a.grantee <> d.defaclrole
),
lines AS (
    SELECT 'schema ' || nspname AS line FROM spaces
    UNION ALL
    SELECT (CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' ELSE 'relation' END)
        || ' ' || c.name
        || CASE WHEN c.relpersistence = 'p' THEN '' ELSE ' persistence ' || c.relpersistence::text END
        || CASE WHEN c.relrowsecurity THEN ' row security' ELSE '' END
        || CASE WHEN c.relforcerowsecurity THEN ' forced' ELSE '' END
        || coalesce(' with ' || array_to_string(c.reloptions, ', '), '')
        || CASE WHEN c.relowner = o.owner THEN '' ELSE ' owner ' || c.relowner::regrole::text END
    FROM relations c, owned o WHERE c.relkind NOT IN ('i', 'I', 't', 'c')
    UNION ALL
    SELECT 'definition of ' || c.name || ': '
        || btrim(regexp_replace(pg_get_viewdef(c.oid), '\s+', ' ', 'g'))
    FROM relations c WHERE c.relkind IN ('v', 'm')
    UNION ALL
    SELECT 'column ' || c.name || '.' || t.attname || ' ' || format_type(t.atttypid, t.atttypmod)
        || CASE WHEN t.attnotnull THEN ' not null' ELSE '' END
        || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
        || CASE t.attgenerated WHEN '' THEN '' ELSE ' generated' END
        || CASE t.attidentity WHEN '' THEN '' ELSE ' identity' END
    FROM relations c JOIN pg_attribute t ON t.attrelid = c.oid
    LEFT JOIN pg_attrdef d ON d.adrelid = t.attrelid AND d.adnum = t.attnum
    WHERE c.relkind IN ('r', 'p', 'f') AND t.attnum > 0 AND NOT t.attisdropped
    UNION ALL
    SELECT 'constraint ' || n.conname || ' of ' || c.name || ': '
        -- A book of an earlier version has references in clear, which its check leaves alone: it is the same check.
        || CASE n.conname WHEN 'accounts_external_ref_sealed_check'
               THEN replace(pg_get_constraintdef(n.oid), ' NOT VALID', '') ELSE pg_get_constraintdef(n.oid) END
    FROM relations c JOIN pg_constraint n ON n.conrelid = c.oid WHERE n.contype <> 'n'
    UNION ALL
    SELECT 'index ' || i.relname || ' of ' || c.name || ': ' || pg_get_indexdef(x.indexrelid)
        || CASE WHEN x.indisvalid AND x.indisready AND x.indislive THEN '' ELSE ' not valid' END
    FROM relations c JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid
    UNION ALL
    SELECT CASE WHEN g.tgisinternal
            THEN 'trigger of ' || c.name || ' for ' || coalesce(n.conname, 'nothing') || ': ' || g.tgfoid::regproc::text
            ELSE 'trigger ' || g.tgname || ' of ' || c.name || ': ' || pg_get_triggerdef(g.oid) END
        || CASE g.tgenabled WHEN 'O' THEN '' WHEN 'D' THEN ' disabled' ELSE ' enabled ' || g.tgenabled::text END
    FROM relations c JOIN pg_trigger g ON g.tgrelid = c.oid LEFT JOIN pg_constraint n ON n.oid = g.tgconstraint
    UNION ALL
    SELECT 'rule ' || r.rulename || ' of ' || c.name || ': '
        || btrim(regexp_replace(pg_get_ruledef(r.oid), '\s+', ' ', 'g'))
    FROM relations c JOIN pg_rewrite r ON r.ev_class = c.oid WHERE r.rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy ' || p.polname || ' of ' || c.name
        || CASE WHEN p.polpermissive THEN '' ELSE ' restrictive' END || ' for ' || p.polcmd::text || ' to '
        || (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE r::regrole::text END, ', ' ORDER BY r)
            FROM unnest(p.polroles) r)
        || coalesce(' using ' || regexp_replace(pg_get_expr(p.polqual, p.polrelid), '\s+', ' ', 'g'), '')
        || coalesce(' check ' || regexp_replace(pg_get_expr(p.polwithcheck, p.polrelid), '\s+', ' ', 'g'), '')
    FROM relations c JOIN pg_policy p ON p.polrelid = c.oid
    UNION ALL
    SELECT 'inheritance of ' || c.name || ': ' || i.inhparent::regclass::text
    FROM relations c JOIN pg_inherits i ON i.inhrelid = c.oid
    UNION ALL
    SELECT 'function ' || p.name || ' returns ' || pg_get_function_result(p.oid) || ' in ' || l.lanname
        || ' volatility ' || p.provolatile::text
        || CASE WHEN p.prosecdef THEN ' security definer' ELSE '' END
        || coalesce(' set ' || array_to_string(p.proconfig, ', '), '')
        || CASE WHEN p.proowner = o.owner THEN '' ELSE ' owner ' || p.proowner::regrole::text END
        || ' body sha256 ' || encode(sha256(convert_to(p.prosrc || coalesce(p.probin, ''), 'UTF8')), 'hex')
    FROM functions p JOIN pg_language l ON l.oid = p.prolang, owned o
    UNION ALL
    SELECT 'type ' || CASE s.nspname WHEN 'public' THEN '' ELSE s.nspname || '.' END || t.typname
    FROM pg_type t JOIN spaces s ON s.oid = t.typnamespace
    WHERE t.typtype IN ('d', 'e', 'b', 'r') AND t.typelem = 0
      AND NOT EXISTS (
          SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
      )
    UNION ALL
    SELECT 'operator ' || s.nspname || '.' || p.oprname || ' ' || p.oprcode::text
    FROM pg_operator p JOIN spaces s ON s.oid = p.oprnamespace
    WHERE NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_operator'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    )
    UNION ALL
    SELECT 'event trigger ' || evtname || ' on ' || evtevent || ': ' || evtfoid::regproc::text FROM pg_event_trigger
    UNION ALL
    SELECT 'grant on ' || g.what || ': ' || g.privilege_type || ' to '
        || CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END
        || CASE WHEN g.is_grantable THEN ' with grant option' ELSE '' END
    FROM grants g
    UNION ALL
    SELECT 'role ' || rolname
        || CASE WHEN rolcanlogin THEN ' login' ELSE '' END
        || CASE WHEN rolsuper THEN ' superuser' ELSE '' END
        || CASE WHEN rolbypassrls THEN ' bypassrls' ELSE '' END
        || CASE WHEN rolcreaterole THEN ' createrole' ELSE '' END
        || CASE WHEN rolcreatedb THEN ' createdb' ELSE '' END
        || CASE WHEN rolreplication THEN ' replication' ELSE '' END
    FROM roles WHERE is_role OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
    UNION ALL
    SELECT 'membership: ' || m.member::regrole::text || ' in ' || m.roleid::regrole::text
    FROM pg_auth_members m, owned o
    WHERE (m.member IN (SELECT oid FROM roles) OR m.roleid IN (SELECT oid FROM roles))
      AND (m.member::regrole::text, m.roleid::regrole::text) NOT IN
          (('{login}', '{app}'), ('{login}', '{partner}'), ('{login}', '{operator}'), ('{reader}', '{partner}'))
      AND m.member <> o.owner AND m.member <> to_regrole(session_user::text)
    UNION ALL
    SELECT 'setting of ' || CASE s.setrole WHEN 0 THEN 'everybody' ELSE s.setrole::regrole::text END || ': ' || c
    FROM pg_db_role_setting s, owned o, unnest(s.setconfig) c
    WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND (s.setrole IN (0, o.owner, to_regrole(session_user::text)) OR s.setrole IN (SELECT oid FROM roles))
      AND split_part(c, '=', 1) ~
          '^(session_replication_role|row_security|search_path|role|event_triggers|cofferdam\..*|.*_preload_libraries)$'
    UNION ALL
    SELECT 'setting ' || name || ' = ' || reset_val FROM pg_settings
    WHERE name IN ('session_replication_role', 'row_security', 'search_path')
)
SELECT DISTINCT line COLLATE "C" AS line FROM lines ORDER BY line
