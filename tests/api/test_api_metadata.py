"""Metadata: words of the partner's own at each of its objects, bounded and never personal."""

from uuid import uuid4

import pytest

from ledger.public_ids import public

SET = "... on ChangedMetadata { objectId position metadata { name value } } ... on Refusal { path }"
GIFT = (
    '{"name": "gift", "parameters": {"a": "account", "b": "account"},'
    ' "legs": [{"amount": "1.00 USD", "code": "gift", "from": "{a}", "to": "{b}"}]}'
)


@pytest.fixture
def pair(shop):
    """The accounts that money comes from and goes to."""
    return shop.account("bank"), shop.account("wallet", "CUSTOMER")


def _set(caller, object_id, key, **entries):
    metadata = [{"name": name, "value": value} for name, value in entries.items()]
    return caller.mutate("setMetadata", SET, key=key, objectId=object_id, metadata=metadata)


def test_every_kind_of_object_has_metadata_and_the_newest_is_shown(shop, pair):
    bank, wallet = pair
    moved = shop.move((bank, wallet, "100"), key="moved")["transfers"][0]["id"]
    monitor = shop.mutate("beginMonitor", "... on WatchedAccount { monitor { id } }", key="m", account=wallet,
                          measure="POSTED", comparison="ABOVE", thresholdMinor="5")["monitor"]["id"]  # fmt: skip
    template = shop.mutate("publishTemplate", "... on PublishedTemplate { template { id } }", key="t",
                           declaration=GIFT)["template"]["id"]  # fmt: skip

    done = [_set(shop, each, f"set {each}", ward="a-1", branch="b/2") for each in (wallet, moved, monitor, template)]
    _set(shop, wallet, "again", floor="3")

    entries = [{"name": "branch", "value": "b/2"}, {"name": "ward", "value": "a-1"}]
    assert [each["objectId"] for each in done] == [wallet, moved, monitor, template]
    assert [each["metadata"] for each in done] == [entries] * 4
    seen = shop.ask(
        "query ($a: ID!, $t: ID!) { account(id: $a) { metadata { name value } monitors { nodes { metadata { name } } }"
        " } transfer(id: $t) { metadata { name } } templates { nodes { metadata { name } } } }",
        a=wallet,
        t=moved,
    )
    assert seen["account"]["metadata"] == [{"name": "floor", "value": "3"}]
    names = [{"name": "branch"}, {"name": "ward"}]
    others = (seen["transfer"], *seen["account"]["monitors"]["nodes"], *seen["templates"]["nodes"])
    assert [each["metadata"] for each in others] == [names] * 3


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ({"Upper": "x"}, "is no name"),
        ({"a" * 41: "x"}, "is no name"),
        ({"who": "Ann Smith"}, "never personal|nothing personal"),
        ({"who": "ann@example.com"}, "nothing personal"),
        ({"who": ""}, "is no word"),
        ({"who": "x" * 121}, "is no word"),
        ({"card": "4111111111111111"}, "card number"),
        ({f"n{index}": "x" for index in range(21)}, "20 entries"),
    ],
)
def test_what_is_no_word_or_looks_personal_is_refused_with_its_place(shop, pair, entries, says):
    refused = _set(shop, pair[1], "k", **entries)

    assert (refused["__typename"], refused["path"]) == ("InvalidInput", ["input", "metadata"])
    assert any(part in refused["message"] for part in says.split("|"))


def test_a_number_that_is_no_card_number_and_the_largest_metadata_are_taken(shop, pair):
    entries = {f"n{index}" + "x" * 35: "v" * 120 for index in range(10, 29)} | {"order": "4111111111111112"}

    assert len(_set(shop, pair[1], "k", **entries)["metadata"]) == 20


def test_an_object_of_another_partner_is_answered_like_one_that_never_was(shop, rides, pair):
    moved = shop.move((*pair, "100"), key="moved")["transfers"][0]["id"]
    never = {"acc": public("account", uuid4()), "trf": public("transfer", uuid4())}

    foreign = [_set(rides, each, f"f{each}", a="b") for each in (pair[1], moved)]
    unknown = [_set(rides, each, f"n{each}", a="b") for each in never.values()]

    for theirs, nobodys in zip(foreign, unknown, strict=True):
        assert theirs["__typename"] == nobodys["__typename"] == "NotFound"
        assert theirs["path"] == nobodys["path"] == ["input", "objectId"]
    assert shop.ask("query ($a: ID!) { account(id: $a) { metadata { name } } }", a=pair[1])["account"]["metadata"] == []


def test_a_partner_and_a_person_have_no_metadata(shop):
    refused = _set(shop, public("partner", shop.partner_id), "k", a="b")

    assert (refused["code"], refused["path"]) == ("INVALID_ID", ["input", "objectId"])


def test_what_a_partner_creates_has_its_metadata_from_the_beginning_and_is_bound_to_it(shop, pair):
    words = [{"name": "branch", "value": "b-1"}]
    account = {"externalRef": "till", "currency": "USD", "kind": "MERCHANT"}
    monitor = {"account": pair[0], "measure": "POSTED", "comparison": "ABOVE", "thresholdMinor": "5"}
    opened = "... on OpenedAccount { account { metadata { name value } } }"
    begun = "... on WatchedAccount { monitor { metadata { name value } } } ... on InvalidInput { path }"

    till = shop.mutate("openAccount", opened, key="till", **account, metadata=words)
    watch = shop.mutate("beginMonitor", begun, key="watch", **monitor, metadata=words)
    shown = "... on PublishedTemplate { template { metadata { name value } } }"
    gift = shop.mutate("publishTemplate", shown, key="gift", declaration=GIFT, metadata=words)
    wrong = shop.mutate("beginMonitor", begun, key="wrong", **monitor, metadata=words * 2)
    others = [
        shop.mutate("openAccount", opened, key="till", **account, metadata=[]),
        shop.mutate("openAccount", opened, key="till", **account),
        shop.mutate("beginMonitor", begun, key="watch", **monitor),
        shop.mutate("publishTemplate", shown, key="gift", declaration=GIFT),
    ]

    made = (till["account"], watch["monitor"], gift["template"])
    assert [each["metadata"] for each in made] == [words] * 3
    assert (wrong["__typename"], wrong["path"]) == ("InvalidInput", ["input", "metadata"])
    assert {each["__typename"] for each in others} == {"IdempotencyConflict"}
