"""Tamperings with what guards the journal: what is run as superuser, and what the check of the catalogue says."""

CHANGED_CATALOGUE = {
    # Triggers and rules.
    "a trigger that is disabled": (
        "ALTER TABLE transfers DISABLE TRIGGER only_append",
        "surplus: trigger only_append of transfers",
    ),
    "a trigger that is gone": ("DROP TRIGGER only_append ON accounts", "missing: trigger only_append of accounts"),
    "a trigger of fewer events": (
        (
            "CREATE OR REPLACE TRIGGER only_append BEFORE TRUNCATE ON partners FOR EACH STATEMENT "
            "EXECUTE FUNCTION refuse_change()"
        ),
        "surplus: trigger only_append of partners",
    ),
    "a trigger that nobody knows": (
        (
            "CREATE TRIGGER suppress BEFORE INSERT ON transfers FOR EACH ROW "
            "EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        ),
        "surplus: trigger suppress of transfers",
    ),
    "a foreign key whose triggers are disabled": (
        "ALTER TABLE accounts DISABLE TRIGGER ALL",
        "surplus: trigger of accounts for accounts_book_id_partner_id_fkey",
    ),
    "a rule": (
        "CREATE RULE away AS ON INSERT TO refused_transfers DO INSTEAD NOTHING",
        "surplus: rule away of refused_tran",
    ),
    "an event trigger": (
        (
            "CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; "
            "CREATE EVENT TRIGGER seen ON ddl_command_end EXECUTE FUNCTION seen()"
        ),
        "surplus: event trigger seen",
    ),
    # Rights, of tables, columns, functions, schemas, databases, and of what is still to be made.
    "a right to change": (
        "GRANT UPDATE ON transfers TO cofferdam_app",
        "surplus: grant on table transfers: UPDATE to cofferdam_app",
    ),
    "a right to change a column": (
        "GRANT UPDATE (amount_minor) ON transfers TO cofferdam_app",
        "surplus: grant on column transfers.amount_minor: UPDATE to cofferdam_app",
    ),
    "a right of everybody": (
        "GRANT SELECT ON transfers TO PUBLIC",
        "surplus: grant on table transfers: SELECT to PUBLIC",
    ),
    "a right of a partner's reader": (
        "GRANT SELECT ON api_keys TO cofferdam_partner",
        "surplus: grant on table api_keys: SELECT to cofferdam_partner",
    ),
    "a right that is gone": (
        "REVOKE INSERT ON accounts FROM cofferdam_app",
        "missing: grant on table accounts: INSERT to cofferdam_app",
    ),
    "a right to make tables": (
        "GRANT CREATE ON SCHEMA public TO cofferdam_app",
        "surplus: grant on schema public: CREATE to cofferdam_app",
    ),
    "a right on what is still to be made": (
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO cofferdam_partner",
        "makes: SELECT to cofferdam_partner",
    ),
    "another owner of a table": ("ALTER TABLE books OWNER TO cofferdam_app", "surplus: table books owner cofferd"),
    "another owner of a function": (
        "ALTER FUNCTION refuse_change() OWNER TO cofferdam_app",
        "surplus: function refuse_change()",
    ),
    # Row-level security.
    "row-level security that is off": (
        "ALTER TABLE customers DISABLE ROW LEVEL SECURITY",
        "missing: table customers row security",
    ),
    "a policy that is gone": ("DROP POLICY own ON accounts", "missing: policy own of accounts"),
    "a policy that lets through": (
        "ALTER POLICY own ON transfers USING (true)",
        "surplus: policy own of transfers for r to cofferdam_partner",
    ),
    "a policy beside": (
        "CREATE POLICY more ON monitors FOR SELECT TO PUBLIC USING (true)",
        "surplus: policy more of monitors",
    ),
    # Functions.
    "a function that refuses nothing": (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL;END'",
        "surplus: function refuse_change()",
    ),
    "a function with its owner's rights": (
        "ALTER FUNCTION refuse_change() SECURITY DEFINER",
        "surplus: function refuse_change()",
    ),
    "a function that nobody knows": (
        "CREATE FUNCTION lower(uuid) RETURNS text LANGUAGE sql AS 'SELECT ''x'''",
        "surplus: function lower(uuid)",
    ),
    # Tables, columns, constraints, indexes, views.
    "a check that is gone": (
        "ALTER TABLE transfers DROP CONSTRAINT transfers_amount_check",
        "missing: constraint transfers_amount_check",
    ),
    "a check that looks at nothing that stands": (
        (
            "ALTER TABLE transfers DROP CONSTRAINT transfers_amount_check; "
            "ALTER TABLE transfers ADD CONSTRAINT transfers_amount_check CHECK (amount_minor >= 0) NOT VALID"
        ),
        "CHECK ((amount_minor >= 0)) NOT VALID",
    ),
    "a key that is gone": (
        "ALTER TABLE api_keys DROP CONSTRAINT api_keys_api_key_id_key",
        "missing: constraint api_keys_api_key_id_key",
    ),
    "a unique index that is gone": (
        "DROP INDEX transfers_book_id_hold_seq_key",
        "missing: index transfers_book_id_hold_seq_key",
    ),
    "a unique index beside": (
        "CREATE UNIQUE INDEX no_more ON transfers (book_id, code, seq)",
        "surplus: index no_more of transfers",
    ),
    "a column that may be absent": (
        "ALTER TABLE transfers ALTER COLUMN code DROP NOT NULL",
        "surplus: column transfers.code text",
    ),
    "a value that is filled in": (
        "ALTER TABLE transfers ALTER COLUMN code SET DEFAULT 'x'",
        "surplus: column transfers.code text not null default",
    ),
    "a view of everybody's rows": ("CREATE VIEW peep AS SELECT * FROM transfers", "surplus: view peep"),
    "a view with its owner's rights": (
        "ALTER VIEW entries SET (security_invoker = false)",
        "missing: view entries with security_invoker=true",
    ),
    "a view that shows something else": (
        (
            "ALTER VIEW entries RENAME COLUMN debits_minor TO were; ALTER VIEW entries RENAME COLUMN credits_minor TO "
            "debits_minor; ALTER VIEW entries RENAME COLUMN were TO credits_minor"
        ),
        "surplus: definition of entries",
    ),
    "a table that outlives no crash": (
        "ALTER TABLE unfinished_imports SET UNLOGGED",
        "surplus: table unfinished_imports persistence u",
    ),
    # Names that stand before ours.
    "a table of our name in another schema": (
        "CREATE SCHEMA postgres; CREATE TABLE postgres.transfers ()",
        "surplus: table postgres.transfers",
    ),
    "another search path": (
        "ALTER ROLE cofferdam_app SET search_path = elsewhere, public",
        "surplus: setting of cofferdam_app: search_path",
    ),
    # Roles and settings.
    "triggers that are off for everybody": (
        "ALTER ROLE ALL SET session_replication_role = replica",
        "surplus: setting of everybody: session_replication_role=replica",
    ),
    "row-level security that is off for a role": (
        "ALTER ROLE cofferdam_app SET row_security = off",
        "surplus: setting of cofferdam_app: row_security=off",
    ),
    "a partner's reader past the policies": (
        "ALTER ROLE cofferdam_partner BYPASSRLS",
        "surplus: role cofferdam_partner bypassrls",
    ),
    "an application that is superuser": ("ALTER ROLE cofferdam_app SUPERUSER", "surplus: role cofferdam_app superuser"),
    "a role that logs in": ("ALTER ROLE cofferdam_app LOGIN", "surplus: role cofferdam_app login"),
    "a membership in a role": (
        "GRANT cofferdam_app TO cofferdam_partner",
        "surplus: membership: cofferdam_partner in cofferdam_app",
    ),
    "a membership that reads everything": (
        "GRANT pg_read_all_data TO cofferdam_partner",
        "surplus: membership: cofferdam_partner in pg_read_all_data",
    ),
    "a login that is superuser": (
        "ALTER ROLE cofferdam_reader SUPERUSER",
        "surplus: role cofferdam_reader login superuser",
    ),
    "a login of readers that may take the application's role": (
        "GRANT cofferdam_app TO cofferdam_reader",
        "surplus: membership: cofferdam_reader in cofferdam_app",
    ),
    "a scope that needs no proof": (
        "CREATE OR REPLACE FUNCTION wall.proof(said text, secret bytea) RETURNS text LANGUAGE sql AS 'SELECT said'",
        "surplus: function wall.proof(said text, secret bytea)",
    ),
    "a secret that readers read": (
        "GRANT SELECT ON wall.secrets TO cofferdam_partner",
        "surplus: grant on table wall.secrets: SELECT to cofferdam_partner",
    ),
    "a stranger that may take a role": (
        "CREATE ROLE stranger LOGIN; GRANT cofferdam_app TO stranger",
        "surplus: membership: stranger in cofferdam_app",
    ),
}
"""A kind of tampering -> its statements, and what stands in the detail."""
