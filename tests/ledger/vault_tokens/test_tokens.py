"""Vault tokens: equal values share a fingerprint, reveals are recorded first, and what has ended opens for nobody."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from ledger.book.audits.audit import derived
from ledger.book.posting.side_facts import SideFacts
from ledger.book.posting.writer import BookWriter
from ledger.flows.registry import CONSUMERS, PROJECTION_DERIVATIONS
from ledger.flows.vault_tokens import create_token, record_reveal, revealed_value
from ledger.journal.consumers import advance
from ledger.journal.proofs import proof_of
from ledger.kernel.errors import InvalidInput, NotFound, Unavailable
from ledger.kernel.work import Reader, begin, read
from ledger.personal_data.access import open_proof
from ledger.personal_data.customers import CustomerOrder, register_customers
from ledger.personal_data.erasure import Eraser, forget
from ledger.personal_data.sealing import unopened_values
from ledger.personal_data.subjects import customer_subject
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from ledger.timers.sweeper import Sweeper
from ledger.vault.records import SubjectId
from ledger.vault_tokens.erasure import (
    destroy_keys,
    erase_token,
    expire_tokens,
    finish_endings,
    unfinished_endings,
)
from ledger.vault_tokens.errors import TokenEnded
from ledger.vault_tokens.fingerprints import fingerprint_of, known_fingerprint
from ledger.vault_tokens.records import TokenKind
from ledger.vault_tokens.timers import TOKEN_TIMER
from ledger.vault_tokens.token_pages import token_at, tokens_page
from ledger.vault_tokens.tokens import TokenOrder
from ledger.vault_tokens.validation import secret_value

CARD, OTHER_CARD = "4242424242424242", "5555555555554444"


@pytest.fixture
def tokens(shop, vault):
    return Tokens(shop, vault)


class Tokens:
    """The tokens of a shop, or of another partner of its book."""

    def __init__(self, shop, vault, partner_id=None):
        self.vault, self.now = vault, datetime.now(UTC) + timedelta(minutes=1)
        self.engine, self.book_id = shop.engine, shop.book_id
        self.partner_id = partner_id or shop.partner_id

    def work(self):
        return begin(self.engine, actor="key_1", partner_id=self.partner_id, clock=lambda: self.now)

    def add(self, text=CARD, kind=TokenKind.CARD, **more):
        value = secret_value(kind, text)
        fingerprint = fingerprint_of(self.vault, self.book_id, self.partner_id, value)
        with self.work() as work:
            seq = create_token(work, self.vault, self.book_id, TokenOrder(self.partner_id, value, fingerprint, **more))
        with read(self.engine) as reader:
            return token_at(reader, self.book_id, seq)

    def reveal(self, token, reason="a payout"):
        with self.work() as work:
            recorded = record_reveal(work, self.book_id, token.token_id, reason=reason)
        return revealed_value(self.vault, recorded.token)

    def erase(self, token):
        with self.work() as work:
            erase_token(work, self.book_id, token.token_id, reason="asked")
        destroy_keys(self.engine, self.vault, self.book_id, [token.token_id])

    def record(self, book_id, facts):
        writer = BookWriter(self.engine, book_id, clock=lambda: self.now)
        return writer.post((), [SideFacts(facts, slice(0, 0))])

    def all(self, **only):
        with read(self.engine) as reader:
            return tokens_page(Reader(reader.connection, self.partner_id), self.book_id, **only)


def test_a_token_stands_for_its_value_and_a_reveal_is_a_fact_with_actor_and_reason(tokens):
    token = tokens.add()

    assert tokens.reveal(token, "a payout") == CARD
    with tokens.engine.connect() as connection:
        facts = connection.execute(sa.text("SELECT subject, subject_id, fields, actor, reason FROM personal_readings"))
        assert facts.all() == [("vault_token", token.token_id, "value", "key_1", "a payout")]
        stored = connection.execute(sa.text("SELECT value FROM vault_tokens")).scalar_one()
    assert token.last_four == "4242"
    assert CARD not in stored


def test_nothing_is_revealed_without_a_reason(tokens):
    with pytest.raises(InvalidInput, match="say why"):
        tokens.reveal(tokens.add(), " ")


def test_equal_values_of_a_partner_share_a_fingerprint_and_those_of_two_partners_do_not(tokens, shop, vault):
    with begin(shop.engine, actor="test") as work:
        rival = register_partners(work, shop.book_id, [PartnerOrder("rival", "Rival", Vertical.RETAIL)])["rival"]
    first, same, other = tokens.add(), tokens.add("4242 4242 4242 4242"), tokens.add(OTHER_CARD)
    elsewhere = Tokens(shop, vault, rival).add()
    document = tokens.add(CARD, TokenKind.DOCUMENT)

    assert first.fingerprint_id == same.fingerprint_id
    assert len({each.fingerprint_id for each in (first, other, elsewhere, document)}) == 4
    found = tokens.all(fingerprint_id=first.fingerprint_id)
    assert [each.token_id for each in found] == [first.token_id, same.token_id]
    assert Tokens(shop, vault, rival).all(fingerprint_id=first.fingerprint_id) == []


def test_another_partner_reveals_and_erases_nothing(tokens, shop, vault):
    token = tokens.add()
    with begin(shop.engine, actor="test") as work:
        rival = register_partners(work, shop.book_id, [PartnerOrder("rival", "Rival", Vertical.RETAIL)])["rival"]
    other = Tokens(shop, vault, rival)

    with pytest.raises(NotFound):
        other.reveal(token)
    with pytest.raises(NotFound):
        other.erase(token)
    assert tokens.reveal(token) == CARD


def test_an_erased_token_opens_for_nobody_and_the_last_of_a_value_takes_the_fingerprint_with_it(tokens, vault):
    first, second = tokens.add(), tokens.add()
    value = secret_value(TokenKind.CARD, CARD)

    tokens.erase(first)
    tokens.erase(first)
    still = known_fingerprint(vault, tokens.book_id, tokens.partner_id, value)
    tokens.erase(second)

    with pytest.raises(TokenEnded):
        tokens.reveal(first)
    assert still == second.fingerprint_id
    assert known_fingerprint(vault, tokens.book_id, tokens.partner_id, value) is None
    assert tokens.add().fingerprint_id != still, "a value that comes back tells nothing of the one that was erased"
    keys = [SubjectId(each) for each in (first.token_id, second.token_id, first.fingerprint_id)]
    assert vault.standing(tokens.book_id, keys) == []


def test_a_fingerprint_whose_last_token_is_just_ending_gets_no_other_token(tokens, vault):
    token = tokens.add()
    with tokens.work() as work:
        erase_token(work, tokens.book_id, token.token_id, reason="asked")

    with pytest.raises(Unavailable, match="send the same request again"):
        tokens.add()
    assert tokens.add().fingerprint_id != token.fingerprint_id
    assert unfinished_endings(tokens.engine, vault, tokens.book_id) == [token.token_id]
    assert finish_endings(tokens.engine, vault, tokens.book_id) == 1
    assert unfinished_endings(tokens.engine, vault, tokens.book_id) == []


def test_a_token_ends_by_itself_at_its_time_and_shows_nothing_from_that_instant(tokens, vault):
    token, kept = tokens.add(expires_at=tokens.now + timedelta(hours=1)), tokens.add(OTHER_CARD)
    _catch_up(tokens)
    endings = {
        TOKEN_TIMER: lambda book_id, now: expire_tokens(tokens.engine, vault, book_id, now, record=tokens.record)
    }

    def swept():
        sweeper = Sweeper(tokens.engine, endings, clock=lambda: tokens.now)
        try:
            return sweeper.sweep()
        finally:
            sweeper.close()

    assert swept() == []
    tokens.now += timedelta(hours=1)
    with pytest.raises(TokenEnded):
        tokens.reveal(token)
    assert [each.kind for each in swept()] == ["vault_token"]
    assert swept() != [], "the projection has not seen the ending"
    _catch_up(tokens)

    assert swept() == []
    assert vault.standing(tokens.book_id, [SubjectId(token.token_id)]) == []
    assert tokens.all()[0].cause == "expired"
    assert tokens.reveal(kept) == OTHER_CARD
    with pytest.raises(InvalidInput, match="has passed"):
        tokens.add(expires_at=tokens.now)


def test_with_a_customer_its_tokens_are_forgotten_and_it_gets_no_new_one(tokens, vault):
    with tokens.work() as work:
        orders = [CustomerOrder(tokens.partner_id, None, "anna@example.org")]
        (anna,) = register_customers(work, vault, tokens.book_id, orders).values()
    token, other = tokens.add(customer_id=anna), tokens.add()
    with read(tokens.engine) as reader:
        subject = customer_subject(reader, tokens.book_id, anna)

    forget(Eraser(tokens.engine, vault, "operator:eve"), subject, reason="asked")

    with pytest.raises(TokenEnded):
        tokens.reveal(token)
    assert tokens.reveal(other) == CARD
    assert [each.cause for each in tokens.all(customer_id=anna)] == ["customer_forgotten"]
    assert vault.standing(tokens.book_id, [SubjectId(token.token_id)]) == []
    with pytest.raises(NotFound, match="was forgotten"):
        tokens.add(customer_id=anna)


def test_verify_opens_what_stands_and_misses_no_value_whose_key_is_gone(tokens, vault):
    lost, erased = tokens.add(), tokens.add(OTHER_CARD)
    tokens.erase(erased)
    before = list(unopened_values(tokens.engine, vault, tokens.book_id))
    vault.forget(tokens.book_id, [SubjectId(lost.token_id)])

    (fault,) = unopened_values(tokens.engine, vault, tokens.book_id)
    assert before == []
    assert str(lost.token_id) in fault


def _catch_up(tokens):
    for consumer in CONSUMERS:
        while advance(tokens.engine, consumer, tokens.book_id, tokens.record):
            pass
    with read(tokens.engine) as reader:
        assert all(each.ok for each in derived(reader, tokens.book_id, PROJECTION_DERIVATIONS))


def test_a_proof_of_a_token_opens_its_value_for_a_reason_that_is_recorded(tokens, vault):
    token = tokens.add()
    with tokens.work() as work:
        proof = proof_of(Reader(work.connection), tokens.book_id, token.seq)
        shown = open_proof(work, vault, proof, reason="an audit")
    with tokens.engine.connect() as connection:
        facts = connection.execute(sa.text("SELECT subject, subject_id, fields, reason FROM personal_readings")).all()

    assert shown == {"value": CARD}
    assert facts == [("vault_token", token.token_id, "value", "an audit")]
