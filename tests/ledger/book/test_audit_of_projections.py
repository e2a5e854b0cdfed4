"""The audit names a tag that is missing or surplus, and a reversal that follows nothing; the store refuses a second."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ledger.book.judging.orders import Terms
from ledger.book.posting.tags import tags_text

TAGS, REVERSALS = "tags_follow_from_transfers", "reversals_follow_what_they_reverse"
TAMPERINGS = {
    "UPDATE transfer_tags SET tag = 'green' WHERE tag = 'red'": TAGS,
    "UPDATE transfer_tags SET partner_no = partner_no + 1 WHERE tag = 'red'": TAGS,
    "UPDATE transfers SET reverses_seq = seq WHERE reverses_seq IS NOT NULL": REVERSALS,
}


@pytest.fixture
def tagged(shop):
    """A tagged transfer, and its reversal."""
    shop.open("A 10.00 USD\n B 0.00 USD")
    paid = shop.order("A", "B", "1.00", tags=tags_text(["red", "blue"]))
    shop.writer.post([paid, shop.order("B", "A", "1.00", terms=Terms(reverses=paid.transfer_id))])
    assert shop.faults() == []
    return shop


@pytest.mark.parametrize("statement", TAMPERINGS)
def test_what_was_tampered_with_is_named(tagged, tampering, statement):
    with tampering.begin() as connection:
        assert connection.execute(sa.text(statement)).rowcount == 1

    checks = {fault.split(":")[0] for fault in tagged.faults()}

    assert checks - {"hash_chain"} == {TAMPERINGS[statement]}


@pytest.mark.usefixtures("tagged")
def test_the_store_itself_refuses_a_second_reversal(tampering):
    again = "UPDATE transfers SET reverses_seq = (SELECT max(reverses_seq) FROM transfers) WHERE reverses_seq IS NULL"

    with pytest.raises(IntegrityError, match="reverses_seq"), tampering.begin() as connection:
        connection.execute(sa.text(again))


def test_a_refused_transfer_leaves_no_tag(shop):
    shop.open("A 0.00 USD\n B 0.00 USD")

    shop.writer.post([shop.order("A", "B", "1.00", tags="red")])

    with shop.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM transfer_tags")).scalar_one() == 0
    assert shop.faults() == []
