"""A proof convinces a verifier that has nothing of ours, and whoever changes any part of it is found out."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from cofferdam.commands.audit.proof import document, find_fact
from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.posting import post
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import TransferId
from ledger.journal.proofs import proof_of
from ledger.kernel.errors import InvalidId, InvalidInput, NotFound
from ledger.kernel.ids import derived_id
from ledger.kernel.record import columns
from ledger.kernel.work import begin, read
from ledger.public_ids import public
from ledger.records import FACTS
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests.warm import cofferdam

VERIFIER = Path(__file__).parents[2] / "docs" / "guides" / "verify_proof.py"
DICTIONARY = Path(__file__).parents[2] / "docs" / "dictionary.md"
GUIDE = VERIFIER.with_name("regulators.md")


@pytest.fixture
def book_id(engine):
    """A book: a partner at position 1, two accounts, the actor and five transfers, one refused, and a later one."""
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="proved", jurisdiction="US", currency="USD")
        partner_id = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]
        open_accounts(work, book_id, [_account(partner_id, "world", limited=False), _account(partner_id, "wallet")])
    for names in (("t1", "t2", "t3", "t4", "t5"), ("refused",), ("last",)):
        post(engine, book_id, [_order(partner_id, name) for name in names])
    return book_id


def _account(partner_id, name, *, limited=True):
    return AccountOrder(
        AccountId(derived_id(name)),
        partner_id,
        None,
        f"test:{name}",
        "USD",
        AccountKind.EXTERNAL,
        debits_within_credits=limited,
    )


def _order(partner_id, name):
    sides = [AccountId(derived_id("world")), AccountId(derived_id("wallet"))]
    if name == "refused":
        sides.reverse()
    amount = 10**9 if name == "refused" else 1234
    return TransferOrder(
        TransferId(derived_id(name)), partner_id, *sides, amount, "USD", "test", external_ref=f"order-{name}"
    )


def _proof(home, ref=None, *, position=None, book=None, upto=None):
    place, seq = find_fact(home, ref, position, book)
    with read(place.engine) as reader:
        return json.loads(json.dumps(document(proof_of(reader, place.book_id, seq, upto=upto))))


def _verify(tmp_path, shown, *arguments):
    """The standalone verifier on a document, in a Python that finds no package of ours."""
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(shown))
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(path), *arguments]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)


def _value(shown, name):
    return next(column["value"] for column in shown["columns"] if column["name"] == name)


def test_the_verifier_has_less_than_sixty_lines_and_imports_the_standard_library_only():
    text = VERIFIER.read_text()

    assert len(text.splitlines()) < 60
    assert set(re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE)) <= sys.stdlib_module_names


@pytest.mark.parametrize("name", ["t1", "t2", "t3", "t4", "t5", "last"])
@pytest.mark.usefixtures("book_id")
def test_a_transfer_is_proved_by_its_id_and_by_its_reference(home, tmp_path, name):
    shown = _proof(home, public("transfer", derived_id(name)))

    outcome = _verify(tmp_path, shown)

    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert outcome.stdout == (
        f"ok: transfers at position {shown['position']} is under the hash {shown['links'][-1]['hash']}\n"
    )
    assert shown == _proof(home, f"order-{name}")
    assert _value(shown, "amount_minor") == 1234
    assert UUID(_value(shown, "transfer_id")) == derived_id(name)


@pytest.mark.usefixtures("book_id")
def test_a_refusal_is_proved_too(home, tmp_path):
    shown = _proof(home, "order-refused")

    assert _verify(tmp_path, shown).returncode == 0
    assert shown["table"] == "refused_transfers"
    assert _value(shown, "result") == "insufficient_funds"


def test_every_position_is_proved_up_to_the_head_and_its_anchor(home, engine, tmp_path, book_id):
    with engine.connect() as connection:
        head = connection.execute(sa.text("SELECT last_seq, last_hash FROM book_heads")).one()

    proofs = [_proof(home, position=seq, upto=head.last_seq) for seq in range(1, head.last_seq + 1)]

    outcomes = [_verify(tmp_path, shown, "--anchor", head.last_hash.hex()) for shown in proofs]
    assert [outcome.returncode for outcome in outcomes] == [0] * head.last_seq
    assert {shown["table"] for shown in proofs} >= {"partners", "accounts", "transfers", "refused_transfers"}
    assert {shown["book"] for shown in proofs} == {book_id}


@pytest.mark.usefixtures("book_id")
def test_the_end_is_the_batch_that_holds_the_position_asked_for(home):
    own, middle = _proof(home, "order-t1"), _proof(home, "order-t5")["position"]

    assert len(own["links"]) == 1
    assert _proof(home, "order-t1", upto=middle) == own
    assert len(_proof(home, "order-t1", upto=middle + 1)["links"]) == 2


@pytest.mark.usefixtures("book_id")
def test_another_anchor_than_the_end_is_not_agreed_to(home, tmp_path):
    shown = _proof(home, "order-t1", upto=_proof(home, "order-last")["position"])

    for anchor in ([shown["links"][0]["hash"]], ["00" * 32], [""], ["one", "two"]):
        outcome = _verify(tmp_path, shown, "--anchor", *anchor)
        assert (outcome.returncode, outcome.stdout[:16]) == (1, "DIFFERS: anchor,")


def _places(part, at=()):
    """Every number, text and null of a document, by the way to it."""
    if isinstance(part, dict | list):
        items = part.items() if isinstance(part, dict) else enumerate(part)
        for key, inner in items:
            yield from _places(inner, (*at, key))
    else:
        yield at


def _other(value):
    """Something near it that is not it."""
    if isinstance(value, str) and re.fullmatch("[0-9a-f]{32,}", value):
        return value[:-1] + ("0" if value[-1] != "0" else "1")
    return value + 1 if isinstance(value, int) else f"{value}?"


@pytest.mark.usefixtures("book_id")
def test_whatever_part_is_changed_the_verifier_says_no(home, tmp_path):
    shown = _proof(home, "order-t3", upto=_proof(home, "order-last")["position"])
    # No hash covers a name, and a null has the same bytes whatever its type.
    nulls = [("columns", at, "type") for at, column in enumerate(shown["columns"]) if column["value"] is None]
    places = [place for place in _places(shown) if place[-1] != "name" and place not in nulls]

    for place in places:
        changed = copy.deepcopy(shown)
        holder = changed
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = _other(holder[place[-1]])
        outcome = _verify(tmp_path, changed)
        assert (outcome.returncode, outcome.stdout.count("\n"), outcome.stderr) == (1, 1, ""), place
        assert outcome.stdout.startswith("DIFFERS: ")


@pytest.mark.usefixtures("book_id")
def test_whatever_part_is_missing_surplus_or_elsewhere_the_verifier_says_no(home, tmp_path):
    shown = _proof(home, "order-t3", upto=_proof(home, "order-last")["position"])
    without = [{name: part for name, part in shown.items() if name != left} for left in shown]
    sides = [
        {("left" if side == "right" else "right"): digest} for step in shown["path"] for side, digest in step.items()
    ]

    spoilt = [
        *without,
        *(shown | {name: shown[name][1:]} for name in ("columns", "path", "links")),
        *(shown | {name: shown[name] * 2} for name in ("columns", "path", "links")),
        shown | {"path": sides},
        shown | {"columns": shown["columns"][:-1]},
        shown | {"columns": shown["columns"][::-1]},
        shown | {"links": shown["links"][:1] + shown["links"][2:]},
        shown | {"links": []},
        [],
        None,
    ]

    for changed in spoilt:
        outcome = _verify(tmp_path, changed)
        assert (outcome.returncode, outcome.stdout.count("\n"), outcome.stderr) == (1, 1, ""), changed


@pytest.mark.usefixtures("book_id")
def test_the_document_names_the_columns_as_the_dictionary_does(home):
    sections = DICTIONARY.read_text().split("\n## ")[1:]
    named = {section.split("\n", 1)[0]: re.findall(r"^\| `(\w+)`", section, re.MULTILINE) for section in sections}

    shown = _proof(home, "order-t1")

    names = [column["name"] for column in shown["columns"]]
    assert names == named["transfers"][: len(names)]
    assert shown["columns"][-1]["value"] is not None
    for record in FACTS:
        assert [column.name for column in columns(record)] == named[record.TABLE]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE transfers SET amount_minor = 1 WHERE external_ref = 'order-t2'", "no longer match their hash"),
        ("UPDATE journal_batches SET hash = previous_hash", "no longer match their hash"),
        ("DELETE FROM refused_transfers", "no longer match their hash"),
        ("DELETE FROM journal_batches WHERE seq = (SELECT max(seq) FROM journal_batches)", "no batch holds"),
    ],
)
@pytest.mark.usefixtures("book_id")
def test_of_a_changed_journal_there_is_no_proof(home, tampering, statement, says):
    seqs = [_proof(home, f"order-{name}")["position"] for name in ("t1", "refused", "last")]
    with tampering.begin() as connection:
        assert connection.execute(sa.text(statement)).rowcount

    faults = []
    for seq in seqs:
        try:
            _proof(home, position=seq)
        except NotFound as fault:
            faults.append(str(fault))

    assert faults
    assert all(says in fault for fault in faults)


@pytest.mark.parametrize(
    ("asked", "refusal", "says"),
    [
        ({}, InvalidInput, "name a transfer or a position"),
        ({"ref": "order-t9"}, NotFound, "no transfer has the id or reference 'order-t9'"),
        ({"ref": "trf_1"}, InvalidId, "not an id of kind transfer"),
        ({"position": 0}, NotFound, "has 1 to"),
        ({"position": 10**9}, NotFound, "has 1 to"),
        ({"position": 2, "upto": 1}, InvalidInput, "a position from 2 to"),
        ({"position": 2, "upto": 10**9}, InvalidInput, "a position from 2 to"),
        ({"position": 1, "book": "other"}, NotFound, "there is no book 'other'"),
    ],
)
@pytest.mark.usefixtures("book_id")
def test_what_cannot_be_proved_is_refused_with_what_would_be_right(home, asked, refusal, says):
    with pytest.raises(refusal, match=re.escape(says)):
        _proof(home, **asked)


@pytest.mark.usefixtures("book_id")
def test_a_reference_that_stands_twice_is_told_apart_by_book_and_position(home, engine):
    with begin(engine, actor="test") as work:
        second = open_book(work, name="second", jurisdiction="US", currency="USD")
        partner_id = register_partners(work, second, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]
        open_accounts(work, second, [_account(partner_id, "world", limited=False), _account(partner_id, "wallet")])
    again = _order(partner_id, "t1")._replace(transfer_id=TransferId(derived_id("again")))
    post(engine, second, [_order(partner_id, "t1"), again])

    with pytest.raises(InvalidInput, match="proved at 6, second at 6, second at 7"):
        _proof(home, "order-t1")

    assert _proof(home, "order-t1", book="proved")["position"] == 6
    assert UUID(_value(_proof(home, "order-t1", book="second", position=7), "transfer_id")) == derived_id("again")


@pytest.mark.parametrize("asked", [["order-t4"], ["--at", "9", "--book", "proved"]])
@pytest.mark.usefixtures("book_id")
def test_the_command_prints_what_the_verifier_reads_from_its_input(settings, home, asked):
    printed = cofferdam(settings, "proof", *asked, "--upto", "10").stdout

    verifying = [sys.executable, "-I", "-S", str(VERIFIER), "-"]
    outcome = subprocess.run(verifying, input=printed, capture_output=True, text=True, check=False)
    assert outcome.stdout.startswith("ok: transfers at position 9 ")
    assert json.loads(printed) == _proof(home, "order-t4", upto=10)


def test_the_guides_own_computation_of_a_batch_agrees(home, database_url, book_id):
    (program,) = re.findall(r"```python\n(import hashlib, struct, sys\n.*?)```", GUIDE.read_text(), re.DOTALL)
    shown = _proof(home, "order-t3")

    arguments = [database_url, str(book_id), str(shown["position"])]
    outcome = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)

    link = shown["links"][0]
    assert outcome.stdout == f"{link['first_seq']} {link['last_seq']} agrees {link['hash']}\n"
