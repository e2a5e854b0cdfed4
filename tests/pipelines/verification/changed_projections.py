"""Tamperings with the chain, the head and what stands beside the journal, as superuser."""

_T1 = "(SELECT min(seq) FROM transfers WHERE tags = 'blue')"

CHANGED_PROJECTIONS = {
    # The chain and the head.
    "a link that is gone": ("DELETE FROM journal_batches WHERE first_seq = 2", "hash_chain", "no batch covers"),
    "the newest link": (
        "DELETE FROM journal_batches WHERE seq = (SELECT max(seq) FROM journal_batches)",
        "hash_chain",
        "after the last batch",
    ),
    "a link's hash": (
        "UPDATE journal_batches SET hash = previous_hash WHERE first_seq = 2",
        "hash_chain",
        "the link does not match the one before it",
    ),
    "a link's root": ("UPDATE journal_batches SET merkle_root = 'x' WHERE first_seq = 2", "hash_chain", "was changed"),
    "a link's instant": (
        "UPDATE journal_batches SET recorded_at = recorded_at - interval '1s' WHERE first_seq = 2",
        "hash_chain",
        "the link does not match",
    ),
    "a link's instant that is no instant": (
        "UPDATE journal_batches SET recorded_at = 'infinity' WHERE first_seq = 2",
        "hash_chain",
        "the check could not be made",
    ),
    "a link that spans nothing": (
        ("UPDATE journal_batches SET first_seq = seq + 1 WHERE first_seq = 2"),
        "hash_chain",
        "surplus",
    ),
    "a partner's head": (
        "UPDATE partner_heads SET ordinal = ordinal + 1000 WHERE seq = (SELECT max(seq) FROM partner_heads)",
        "partner_heads_follow",
        "counted",
    ),
    "a partner's head that is gone": (
        "DELETE FROM partner_heads WHERE seq = (SELECT min(seq) FROM partner_heads)",
        "partner_heads_follow",
        "stands None",
    ),
    "a partner's head where it has no fact": (
        "INSERT INTO partner_heads SELECT book_id, partner_id, 1000000, 1000000 FROM partner_heads LIMIT 1",
        "partner_heads_follow",
        "counted None",
    ),
    "the head's position": ("UPDATE book_heads SET last_seq = last_seq + 1", "hash_chain", "the head says position"),
    "the head's hash": ("UPDATE book_heads SET last_hash = 'x'", "hash_chain", "the head says position"),
    "the head's instant": (
        "UPDATE book_heads SET last_recorded_at = '9000-01-01'",
        "head_follows",
        "mark last_recorded_at, head_says 9000-01-01",
    ),
    "the head's instant that is no instant": (
        "UPDATE book_heads SET last_recorded_at = 'infinity'",
        "head_follows",
        "mark last_recorded_at, head_says infinity",
    ),
    "the head's closed day": (
        "UPDATE book_heads SET closed_until_on = NULL",
        "head_follows",
        "mark closed_until_on, head_says None, journal_says 2020-02-28",
    ),
    "how far history was imported": (
        "UPDATE book_heads SET imported_until_at = '1999-01-01'",
        "head_follows",
        "mark imported_until_at, head_says 1999-01-01",
    ),
    "what was imported": (
        "UPDATE transfers SET is_imported = NULL",
        "head_follows",
        "journal_says None",
    ),
    "a head that is gone": ("DELETE FROM book_heads", "hash_chain", "the check could not be made"),
    # Books.
    "a book's currency": (
        "UPDATE books SET currency = 'EUR'",
        "books_follow",
        "what currency, stands EUR, opened_as USD",
    ),
    "a book's jurisdiction": (
        "UPDATE books SET jurisdiction = 'DE'",
        "books_follow",
        "what jurisdiction, stands DE, opened_as US",
    ),
    "a book's name": ("UPDATE books SET name = 'other'", "books_follow", "what name, stands other, opened_as whole"),
    "when a book was opened": (
        "UPDATE books SET created_at = 'infinity'",
        "books_follow",
        "what created_at, stands infinity",
    ),
    "a book that is gone": ("DELETE FROM books", "books_follow", "what name, stands None, opened_as whole"),
    "a book that nobody opened": (
        "INSERT INTO books VALUES (7, 'ghost', 'US', 'USD', now())",
        "books_follow",
        "book 7, what name, stands ghost, opened_as None",
    ),
    "rows of a book that is not there": (
        f"INSERT INTO transfer_tags VALUES (9, 1, 'blue', {_T1})",
        "rows_belong_to_books",
        "in_table transfer_tags, of_book 9",
    ),
    # API keys.
    "a key of another partner": (
        "UPDATE api_keys SET partner_id = (SELECT partner_id FROM partners WHERE external_ref = 'rival')",
        "api_keys_follow",
        "what partner, stands",
    ),
    "a key that may do more": (
        "UPDATE api_keys SET scopes = 'read write' WHERE scopes = 'read'",
        "api_keys_follow",
        "what scopes, stands read write, granted read",
    ),
    "a key that was revoked": (
        "UPDATE api_keys SET revoked_at = NULL",
        "api_keys_follow",
        "what revoked_at, stands None, granted 20",
    ),
    "a key with another secret": ("UPDATE api_keys SET key_hash = 'x'", "api_keys_follow", "hash of its secret"),
    "a key with another secret that begins alike": (
        "UPDATE api_keys SET key_hash = set_byte(key_hash, 31, (get_byte(key_hash, 31) + 1) % 256)",
        "api_keys_follow",
        "hash of its secret",
    ),
    "a key that nobody issued": (
        (
            "INSERT INTO api_keys SELECT book_id, gen_random_uuid(), partner_id, key_hash, scopes, created_at, NULL "
            "FROM api_keys LIMIT 1"
        ),
        "api_keys_follow",
        "granted_at None, what partner",
    ),
    "a key that is gone": ("DELETE FROM api_keys", "api_keys_follow", "what partner, stands None"),
    "a grant": (
        "UPDATE api_key_grants SET scopes = 'read write'",
        "hash_chain",
        "of api_key_grants): a fact was changed",
    ),
    # Marks of imports, answers to requests.
    "a mark that is gone": (
        "DELETE FROM unfinished_imports",
        "import_marks_follow",
        "mapping half, files b.csv, it began and has no mark",
    ),
    "a mark of an import that did not begin": (
        "INSERT INTO unfinished_imports VALUES (1, 'ghost', 'c.csv', now())",
        "import_marks_follow",
        "mapping ghost, files c.csv, it has a mark and did not begin",
    ),
    "when an import began": (
        "UPDATE unfinished_imports SET began_at = 'infinity'",
        "import_marks_follow",
        "it began at another time",
    ),
    "an answer that is gone": ("DELETE FROM answered_requests", "answered_requests_follow", "it is missing"),
    "what was asked for": (
        "UPDATE answered_requests SET content_hash = 'x'",
        "answered_requests_follow",
        "it differs",
    ),
    "what a request came to": (
        "UPDATE answered_requests SET answered_seq = 1",
        "answered_requests_follow",
        "stands 1, answered",
    ),
    "an answer that nobody asked for": (
        (
            "INSERT INTO answered_requests SELECT book_id, gen_random_uuid(), partner_id, content_hash, answered_seq "
            "FROM answered_requests LIMIT 1"
        ),
        "answered_requests_follow",
        "it was never answered",
    ),
}
"""A kind of tampering -> its statements, the check by how it begins, and what stands in the detail."""
