"""Publishing templates: one version per declaration, found by name."""

import pytest
import sqlalchemy as sa

from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.work import begin, read
from ledger.templates.publication import declared, publish, template_named
from ledger.templates.templates import read_toml
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests.partner_readers import read_as

GIFT = """
name = "gift"
parameters = { giver = "account", friend = "account" }
[[legs]]
amount = "%s"
code = "gift"
from = "{giver}"
to = "{friend}"
"""
SMALL, LARGE = read_toml(GIFT % "1.00 USD"), read_toml(GIFT % "100.00 USD")


@pytest.fixture
def book_id(engine: sa.Engine) -> BookId:
    with begin(engine, actor="test") as work:
        return open_book(work, name="programme", jurisdiction="US", currency="USD")


@pytest.fixture
def partners(engine: sa.Engine, book_id: BookId) -> dict[str, PartnerId]:
    orders = [PartnerOrder(name, name.title(), Vertical.RETAIL) for name in ("shop", "rival")]
    with begin(engine, actor="test") as work:
        return register_partners(work, book_id, orders)


def test_a_declaration_is_published_once_and_another_is_the_next_version(engine, book_id, partners):
    def published(template):
        with begin(engine, actor="anna") as work:
            return publish(work, book_id, partners["shop"], template)

    facts = [published(each) for each in (SMALL, LARGE, SMALL, LARGE)]

    assert [fact.version for fact in facts] == [1, 2, 1, 2]
    assert facts[0] == facts[2]
    assert facts[0].actor == "anna"
    assert facts[1].seq == facts[0].seq + 1


def test_a_template_is_found_by_name_in_its_newest_or_any_version(engine, book_id, partners):
    with begin(engine, actor="test") as work:
        for each in (SMALL, LARGE):
            publish(work, book_id, partners["shop"], each)

    with read(engine) as reader:
        assert declared(template_named(reader, book_id, partners["shop"], "gift")) == LARGE
        assert declared(template_named(reader, book_id, partners["shop"], "gift", version=1)) == SMALL
        for name, version in (("gift", 3), ("present", None)):
            with pytest.raises(NotFound, match="publish it, or call one that is published"):
                template_named(reader, book_id, partners["shop"], name, version=version)


def test_a_partner_learns_nothing_of_the_templates_of_another(engine, book_id, partners):
    with begin(engine, actor="test") as work:
        publish(work, book_id, partners["shop"], SMALL)

    for asking, asked in (("rival", "shop"), ("rival", "rival")):
        with read_as(engine, partners[asking]) as reader, pytest.raises(NotFound):
            template_named(reader, book_id, partners[asked], "gift")
