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

-- A small read spends more time here than on its rows, so no function sets a search path or calls another one with the
-- owner's rights: either costs about as much as the proof. That is safe because every name is qualified, those of types
-- and operators too: nothing is looked up along a path that the caller chooses. The proof is inlined where it is called;
-- it takes the secret as an argument, and is of no use without it.

DROP FUNCTION IF EXISTS wall.proof(text), narrow_to_partner(uuid), scope_of_key(uuid, bytea), narrow_to_key(uuid, bytea);

CREATE OR REPLACE FUNCTION wall.proof(said text, secret bytea) RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
    SELECT pg_catalog.encode(pg_catalog.sha256(
        secret
        OPERATOR(pg_catalog.||) pg_catalog.convert_to(said, 'UTF8')
        OPERATOR(pg_catalog.||) pg_catalog.int4send(pg_catalog.pg_backend_pid())
        OPERATOR(pg_catalog.||) pg_catalog.timestamptz_send(pg_catalog.now())
        OPERATOR(pg_catalog.||) secret
    ), 'hex')
$$;

CREATE OR REPLACE FUNCTION narrowed() RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER AS $$
DECLARE
    scope pg_catalog.text := pg_catalog.current_setting('cofferdam.scope', true);
    secret pg_catalog.bytea := (SELECT kept.secret FROM wall.secrets kept);
BEGIN
    IF pg_catalog.right(scope, 64) OPERATOR(pg_catalog.=) wall.proof(pg_catalog.left(scope, -65), secret) THEN
        RETURN pg_catalog.string_to_array(scope, ' ');
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION scope_of_partner(wanted uuid) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    said pg_catalog.text := (
        SELECT pg_catalog.concat_ws(' ', own.partner_id, own.partner_no, own.book_id)
        FROM public.partners own WHERE own.partner_id OPERATOR(pg_catalog.=) wanted
    );
    secret pg_catalog.bytea := (SELECT kept.secret FROM wall.secrets kept);
BEGIN
    RETURN said OPERATOR(pg_catalog.||) ' ' OPERATOR(pg_catalog.||) wall.proof(said, secret);
END $$;

CREATE OR REPLACE FUNCTION scope_of_key(
    wanted uuid, hash bytea,
    OUT scope text, OUT book_id integer, OUT partner_id uuid, OUT scopes text, OUT expires_at timestamptz, OUT addresses text
) LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    secret pg_catalog.bytea;
BEGIN
    SELECT pg_catalog.concat_ws(' ', own.partner_id, own.partner_no, own.book_id),
           own.book_id, own.partner_id, k.scopes, k.expires_at, k.addresses, kept.secret
    INTO scope, book_id, partner_id, scopes, expires_at, addresses, secret
    FROM public.api_keys k
    JOIN public.partners own ON own.partner_id OPERATOR(pg_catalog.=) k.partner_id
    CROSS JOIN wall.secrets kept
    WHERE k.api_key_id OPERATOR(pg_catalog.=) wanted AND k.key_hash OPERATOR(pg_catalog.=) hash
      AND k.revoked_at IS NULL AND (k.expires_at OPERATOR(pg_catalog.>) pg_catalog.now()) IS NOT FALSE;
    scope := scope OPERATOR(pg_catalog.||) ' ' OPERATOR(pg_catalog.||) wall.proof(scope, secret);
END $$;

CREATE OR REPLACE FUNCTION narrow_to_key(wanted uuid, hash bytea)
RETURNS TABLE (book_id integer, partner_id uuid, scopes text, expires_at timestamptz, addresses text) LANGUAGE plpgsql AS $$
DECLARE
    own record := scope_of_key(wanted, hash);
    said text := set_config('cofferdam.scope', coalesce(own.scope, ''), true);
BEGIN
    IF current_user <> 'cofferdam_partner' THEN
        SET LOCAL ROLE cofferdam_partner;
    END IF;
    IF said <> '' THEN
        book_id := own.book_id;
        partner_id := own.partner_id;
        scopes := own.scopes;
        expires_at := own.expires_at;
        addresses := own.addresses;
        RETURN NEXT;
    END IF;
END $$;

REVOKE ALL ON SCHEMA wall FROM PUBLIC, cofferdam_app, cofferdam_partner;

REVOKE ALL ON wall.secrets FROM PUBLIC, cofferdam_app, cofferdam_partner;

REVOKE ALL ON FUNCTION wall.proof(text, bytea), narrowed(), scope_of_partner(uuid), scope_of_key(uuid, bytea), narrow_to_key(uuid, bytea) FROM PUBLIC, cofferdam_app, cofferdam_partner;

GRANT EXECUTE ON FUNCTION narrowed(), scope_of_key(uuid, bytea), narrow_to_key(uuid, bytea) TO cofferdam_app, cofferdam_partner;
