-- The reference of `cofferdam bench post`: a ledger with the book's guarantees, written the usual way: one transfer per
-- call and commit, row at a time, in the database.
--
-- It has what the book has: idempotency by id with comparison of the content, a recorded result code for a refusal that
-- depends on the state of the book, limits judged on locked balances, two entries with running balances, dense positions
-- in commit order, and a SHA-256 link per transfer over its content and the link before. It has less than the book in
-- all else, which is in its favour: one book, one partner, short account numbers, no groups, no holds, few columns.

CREATE TABLE row_head (
    last_seq bigint NOT NULL,
    last_link bytea NOT NULL,
    last_recorded_at timestamptz NOT NULL
) WITH (fillfactor = 10);

CREATE TABLE row_accounts (
    account_no bigint PRIMARY KEY,
    currency text NOT NULL,
    debits_within_credits boolean NOT NULL,
    credits_within_debits boolean NOT NULL,
    debits_minor bigint NOT NULL CHECK (debits_minor >= 0),
    credits_minor bigint NOT NULL CHECK (credits_minor >= 0),
    last_seq bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE row_transfers (
    seq bigint PRIMARY KEY,
    transfer_id uuid NOT NULL UNIQUE,
    recorded_at timestamptz NOT NULL,
    booked_on date NOT NULL,
    debit_account_no bigint NOT NULL,
    credit_account_no bigint NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    currency text NOT NULL,
    code text NOT NULL,
    link bytea NOT NULL
);

CREATE TABLE row_refused_transfers (
    seq bigint PRIMARY KEY,
    transfer_id uuid NOT NULL UNIQUE,
    result text NOT NULL,
    recorded_at timestamptz NOT NULL,
    debit_account_no bigint NOT NULL,
    credit_account_no bigint NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    code text NOT NULL,
    link bytea NOT NULL
);

CREATE TABLE row_entries (
    account_no bigint NOT NULL,
    seq bigint NOT NULL,
    side text NOT NULL,
    amount_minor bigint NOT NULL,
    debits_after_minor bigint NOT NULL,
    credits_after_minor bigint NOT NULL,
    booked_on date NOT NULL,
    PRIMARY KEY (account_no, seq)
);

INSERT INTO row_head VALUES (0, decode(repeat('00', 32), 'hex'), '-infinity');

CREATE FUNCTION row_known(
    new_id uuid, debit_no bigint, credit_no bigint, amount bigint, new_currency text, new_code text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    known row_transfers;
BEGIN
    SELECT * INTO known FROM row_transfers WHERE transfer_id = new_id;
    IF found THEN
        RETURN CASE
            WHEN known.debit_account_no <> debit_no THEN 'exists_with_different_debit_account'
            WHEN known.credit_account_no <> credit_no THEN 'exists_with_different_credit_account'
            WHEN known.amount_minor <> amount THEN 'exists_with_different_amount'
            WHEN known.currency <> new_currency THEN 'exists_with_different_currency'
            WHEN known.code <> new_code THEN 'exists_with_different_code'
            ELSE 'exists'
        END;
    END IF;
    PERFORM FROM row_refused_transfers WHERE transfer_id = new_id;
    RETURN CASE WHEN found THEN 'id_already_failed' END;
END $$;

CREATE FUNCTION row_judge(
    debit row_accounts, credit row_accounts, amount bigint, new_currency text
) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE
        WHEN debit.account_no IS NULL THEN 'debit_account_not_found'
        WHEN credit.account_no IS NULL THEN 'credit_account_not_found'
        WHEN debit.currency <> new_currency OR credit.currency <> new_currency THEN 'currency_mismatch'
        WHEN greatest(debit.debits_minor, credit.credits_minor) > 9223372036854775807 - amount THEN 'balance_overflow'
        WHEN debit.debits_within_credits AND debit.debits_minor + amount > debit.credits_minor
            THEN 'insufficient_funds'
        WHEN credit.credits_within_debits AND credit.credits_minor + amount > credit.debits_minor
            THEN 'exceeds_debits'
        ELSE 'created'
    END;
END $$;

-- The head is locked first: all that follows is then alone, so that an id cannot be raced and no locks can cross.
CREATE FUNCTION row_post(
    new_id uuid, debit_no bigint, credit_no bigint, amount bigint, new_currency text, new_code text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    head row_head;
    debit row_accounts;
    credit row_accounts;
    result text;
    new_seq bigint;
    instant timestamptz;
    day date;
    new_link bytea;
BEGIN
    IF amount < 0 THEN
        RETURN 'amount_negative';
    ELSIF debit_no = credit_no THEN
        RETURN 'accounts_must_differ';
    END IF;
    SELECT * INTO head FROM row_head FOR NO KEY UPDATE;
    result := row_known(new_id, debit_no, credit_no, amount, new_currency, new_code);
    IF result IS NOT NULL THEN
        RETURN result;
    END IF;
    SELECT * INTO debit FROM row_accounts WHERE account_no = debit_no FOR NO KEY UPDATE;
    SELECT * INTO credit FROM row_accounts WHERE account_no = credit_no FOR NO KEY UPDATE;
    result := row_judge(debit, credit, amount, new_currency);
    new_seq := head.last_seq + 1;
    instant := greatest(clock_timestamp(), head.last_recorded_at + interval '1 microsecond');
    day := (instant AT TIME ZONE 'UTC')::date;
    new_link := sha256(
        head.last_link || int8send(new_seq) || timestamptz_send(instant) || uuid_send(new_id) || int8send(debit_no)
        || int8send(credit_no) || int8send(amount) || convert_to(concat_ws(chr(31), new_currency, new_code, result), 'UTF8')
    );
    IF result = 'created' THEN
        INSERT INTO row_transfers
        VALUES (new_seq, new_id, instant, day, debit_no, credit_no, amount, new_currency, new_code, new_link);
        INSERT INTO row_entries VALUES
            (debit_no, new_seq, 'debit', amount, debit.debits_minor + amount, debit.credits_minor, day),
            (credit_no, new_seq, 'credit', amount, credit.debits_minor, credit.credits_minor + amount, day);
        UPDATE row_accounts SET debits_minor = debits_minor + amount, last_seq = new_seq WHERE account_no = debit_no;
        UPDATE row_accounts SET credits_minor = credits_minor + amount, last_seq = new_seq WHERE account_no = credit_no;
    ELSE
        INSERT INTO row_refused_transfers
        VALUES (new_seq, new_id, result, instant, debit_no, credit_no, amount, new_currency, new_code, new_link);
    END IF;
    UPDATE row_head SET last_seq = new_seq, last_link = new_link, last_recorded_at = instant;
    RETURN result;
END $$;
