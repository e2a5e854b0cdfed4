-- Narrowing: the functions by which a transaction reads one partner's rows, under a scope that no statement can forge.
-- The scope is a setting, which any statement may write. What counts is its proof: a hash, with a secret that only the
-- owner reads, over the partner, the connection and the transaction. So it is of no use elsewhere or later; and who is
-- narrowed can only be turned to another partner by the hash of that one's key.
-- Statements stand between blank lines.

CREATE SCHEMA IF NOT EXISTS wall;

CREATE TABLE IF NOT EXISTS wall.secrets (secret BYTEA NOT NULL);

INSERT INTO wall.secrets
SELECT sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8'))
WHERE NOT EXISTS (SELECT FROM wall.secrets);

CREATE OR REPLACE FUNCTION wall.proof(said text) RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT encode(sha256(
        secret || convert_to(concat_ws(' ', said, pg_backend_pid(), extract(epoch FROM now())), 'UTF8') || secret
    ), 'hex') FROM wall.secrets
$$;

CREATE OR REPLACE FUNCTION narrowed() RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    said text := current_setting('cofferdam.scope', true);
    parts text[];
BEGIN
    IF coalesce(said, '') = '' THEN
        RETURN NULL;
    END IF;
    parts := string_to_array(said, ' ');
    RETURN CASE WHEN parts[4] = wall.proof(concat_ws(' ', parts[1], parts[2], parts[3])) THEN parts END;
END $$;

CREATE OR REPLACE FUNCTION scope_of_partner(wanted uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT concat_ws(' ', said, wall.proof(said)) FROM (
        SELECT concat_ws(' ', partner_id, partner_no, book_id) AS said FROM partners WHERE partner_id = wanted
    ) own
$$;

CREATE OR REPLACE FUNCTION scope_of_key(wanted uuid, hash bytea)
RETURNS TABLE (scope text, book_id integer, partner_id uuid, scopes text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT scope_of_partner(k.partner_id), k.book_id, k.partner_id, k.scopes FROM api_keys k
    WHERE k.api_key_id = wanted AND k.key_hash = hash AND k.revoked_at IS NULL
$$;

DROP FUNCTION IF EXISTS narrow_to_partner(uuid);

CREATE OR REPLACE FUNCTION narrow_to_key(wanted uuid, hash bytea)
RETURNS TABLE (book_id integer, partner_id uuid, scopes text) LANGUAGE plpgsql AS $$
DECLARE
    own record;
BEGIN
    SELECT * INTO own FROM scope_of_key(wanted, hash);
    PERFORM set_config('cofferdam.scope', coalesce(own.scope, ''), true);
    IF current_user <> 'cofferdam_partner' THEN
        SET LOCAL ROLE cofferdam_partner;
    END IF;
    IF own.scope IS NOT NULL THEN
        RETURN QUERY SELECT own.book_id, own.partner_id, own.scopes;
    END IF;
END $$;

REVOKE ALL ON SCHEMA wall FROM PUBLIC, cofferdam_app, cofferdam_partner;

REVOKE ALL ON wall.secrets FROM PUBLIC, cofferdam_app, cofferdam_partner;

REVOKE ALL ON FUNCTION wall.proof(text), narrowed(), scope_of_partner(uuid), scope_of_key(uuid, bytea), narrow_to_key(uuid, bytea) FROM PUBLIC, cofferdam_app, cofferdam_partner;

GRANT EXECUTE ON FUNCTION narrowed(), scope_of_key(uuid, bytea), narrow_to_key(uuid, bytea) TO cofferdam_app, cofferdam_partner;
