"""Posting in bulk: every row is answered, in its place, and a bulk that is sent again changes nothing."""

import pytest

from api.graphql.results import SAYS
from ledger.book.bulks.bulk import Sender
from ledger.book.posting.posting import Posting
from ledger.flows.bulk import OUTCOMES, BulkPosting
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.public_ids import public


@pytest.fixture
def bulk(shop, vault):
    """A bulk of the shop, through its writer or another way of posting."""
    shop.open("A 100.00 USD\nB 0.00 USD")

    def begin(post: Posting = shop.writer.post, **sender: object) -> BulkPosting:
        whose = Sender(shop.book_id, shop.partner_id, "test", **sender)
        return BulkPosting(shop.engine, post, whose, vault=vault, says=SAYS)

    return begin


def rows(*wanted: tuple[str, str, str, int], **more: list[object]) -> dict[str, list[object]]:
    """Columns of (key, debit, credit, amount) in USD."""
    keys, debits, credits_, amounts = (list(column) for column in zip(*wanted, strict=True))
    return {
        "key": keys,
        "debit_account": debits,
        "credit_account": credits_,
        "amount_minor": amounts,
        "currency": ["USD"] * len(keys),
        "code": ["payment"] * len(keys),
        **more,
    }


def test_each_row_is_answered_in_its_place(shop, bulk):
    by_id = public("account", shop.account("A"))

    told = bulk().post(
        rows(
            ("one", by_id, "test:B", 4000),
            ("two", "test:A", "test:Z", 1),
            ("three", "test:A", "test:B", 9999),
            ("four", "test:A", "test:B", 1000),
        )
    )

    assert list(told) == list(OUTCOMES)
    assert told["row"] == [1, 2, 3, 4]
    assert told["key"] == ["one", "two", "three", "four"]
    assert told["result"] == ["created", "credit_account_not_found", "insufficient_funds", "created"]
    assert told["amount_minor"] == [4000, None, None, 1000]
    assert told["position"][1] is None
    assert told["position"][2] is not None
    assert [message is None for message in told["message"]] == [True, False, False, True]
    assert shop.has("A B") == "A 50.00 B 50.00"
    assert shop.faults() == []


def test_a_bulk_that_is_sent_again_exists_and_a_key_with_other_content_is_a_conflict(shop, bulk):
    first = bulk().post(rows(("one", "test:A", "test:B", 4000), ("two", "test:A", "test:B", 9999)))
    again = bulk().post(rows(("one", "test:A", "test:B", 4000), ("two", "test:A", "test:B", 9999)))
    other = bulk().post(rows(("one", "test:A", "test:B", 4001)))

    assert again["result"] == ["exists", "id_already_failed"]
    assert again["position"] == first["position"]
    assert "it was insufficient_funds: the debit account does not have enough" in again["message"][1]
    assert other["result"] == ["exists_with_different_amount"]
    assert shop.has("A B") == "A 60.00 B 40.00"


def test_rows_are_numbered_on_and_a_group_that_goes_on_in_another_batch_is_torn(bulk):
    begun = bulk()
    wanted = rows(("one", "test:A", "test:B", 1), ("two", "test:A", "test:B", 1), group=["g", "g"])
    begun.post(wanted)

    told = begun.post(wanted | {"key": ["three", "four"]})

    assert told["row"] == [3, 4]
    assert told["result"] == ["torn_group", "torn_group"]


def test_the_members_of_a_group_stand_or_fall_together(shop, bulk):
    told = bulk().post(
        rows(
            ("one", "test:A", "test:B", 1000),
            ("two", "test:A", "test:B", 9999),
            ("three", "test:A", "test:B", 1000),
            group=["g", "g", None],
        )
    )

    assert told["result"] == ["linked_failed", "insufficient_funds", "created"]
    assert shop.has("A B") == "A 90.00 B 10.00"


def test_a_hold_and_its_end_may_come_in_one_bulk(shop, bulk):
    told = bulk().post(
        rows(
            ("h", "test:A", "test:B", 5000),
            ("p", None, None, 2000),
            kind=["hold", "post"],
            hold=[None, "h"],
        )
    )

    assert told["result"] == ["created", "created"]
    assert shop.has("A B") == "A 80.00 B 20.00"


def test_an_account_is_looked_up_once_and_one_that_is_opened_meanwhile_is_found(shop, bulk):
    begun = bulk()
    early = begun.post(rows(("one", "test:A", "test:C", 1)))
    shop.open("C 0.00 USD")

    late = begun.post(rows(("one", "test:A", "test:C", 1)))

    assert (early["result"], late["result"]) == (["credit_account_not_found"], ["created"])


def test_a_bulk_that_breaks_off_and_is_sent_again_ends_the_same(shop, bulk):
    batches = [rows((f"k{batch}", "test:A", "test:B", 100), (f"m{batch}", "test:B", "test:Z", 1)) for batch in range(3)]
    through = iter([shop.writer.post])

    def breaking(orders):
        if (post := next(through, None)) is None:
            raise Unavailable("the store is away")
        return post(orders)

    broken = bulk(breaking)
    broken.post(batches[0])
    with pytest.raises(Unavailable):
        broken.post(batches[1])
    again = bulk()
    told = [again.post(batch)["result"] for batch in batches]

    refused = "credit_account_not_found"
    assert told == [["exists", refused], ["created", refused], ["created", refused]]
    assert shop.has("A B") == "A 97.00 B 3.00"


def test_a_column_that_is_unknown_refuses_the_batch(bulk):
    with pytest.raises(InvalidInput, match="there is no column 'note'"):
        bulk().post(rows(("one", "test:A", "test:B", 1), note=["x"]))


def test_a_batch_without_a_row_that_can_be_posted_posts_nothing(bulk):
    def post(_orders: object) -> list[object]:
        raise AssertionError("nothing was to be posted")

    told = bulk(post).post(rows(("one", "test:A", "test:B", 1), currency=["XXX"]))

    assert told["result"] == ["unknown_currency"]
