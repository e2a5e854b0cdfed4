"""A small book with something of everything that is stored, as the ledger itself wrote it."""

from contextlib import AbstractContextManager, suppress
from datetime import date, timedelta

import sqlalchemy as sa

from ledger.book.accounts.accounts import AccountOrder
from ledger.book.accounts.calendars import set_calendar
from ledger.book.posting.side_facts import SideFacts
from ledger.book.posting.writer import BookWriter
from ledger.book.reading.references import position_of_id
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.classification.classifications import ClassificationRule, classify
from ledger.classification.records import TransferClass
from ledger.exports.bank_balances import BankBalanceOrder, record_bank_balances
from ledger.exports.deliveries import intend_deliveries
from ledger.exports.destinations import DestinationOrder, set_destination
from ledger.exports.export_queries import ExportOf
from ledger.exports.exports import ExportPosition, SignedContents, record_made
from ledger.exports.obligations import ObligationOrder, declare_obligation
from ledger.exports.signing_keys import rotate_key
from ledger.flows.accounts import open_accounts
from ledger.flows.metadata import MetadataOrder, set_metadata
from ledger.flows.registry import CONSUMERS
from ledger.flows.vault_tokens import create_token
from ledger.imports.imports import abandon_imports, importing
from ledger.insights.budget import ChargeOrder, charge
from ledger.insights.orders import BucketOrder, CellOrder, ReleaseOrder
from ledger.insights.releases import record_release
from ledger.journal import journal
from ledger.journal.consumers import advance
from ledger.journal.fact_orders import FactOrder
from ledger.kernel.calendar import day_rule
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.money import Money
from ledger.kernel.work import Reader, Work, begin, read
from ledger.metadata.records import MetadataNoun
from ledger.outbox.endpoints import register_endpoint
from ledger.personal_data.counterparties import sealed_orders
from ledger.personal_data.customers import CustomerOrder, read_customer, register_customers
from ledger.personal_data.erasure import Eraser, forget
from ledger.personal_data.legal_holds import place_legal_hold
from ledger.personal_data.particulars import state_particulars
from ledger.personal_data.subjects import customer_subject
from ledger.sandboxes.records import SandboxClockAdvance
from ledger.templates.publication import publish
from ledger.templates.templates import read_toml
from ledger.tenancy.api_keys import issue, key_id_of, revoke
from ledger.tenancy.books import open_book
from ledger.tenancy.idempotency import Request, once
from ledger.tenancy.operating_periods import Period, declare_period
from ledger.tenancy.operator_changes import OperatorRequest, change_once
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Book, Vertical
from ledger.tenancy.residency import record_zone
from ledger.vault.vault import Vault
from ledger.vault_tokens.erasure import destroy_keys, erase_token
from ledger.vault_tokens.fingerprints import fingerprint_of
from ledger.vault_tokens.records import TokenKind
from ledger.vault_tokens.token_pages import token_at
from ledger.vault_tokens.tokens import TokenOrder
from ledger.vault_tokens.validation import secret_value
from tests.ledger.book.conftest import NOON, Ledger
from tests.ledger.book.lines import Line, Orders

PEPPER = b"p" * 32
ANNA, BEN, CARL = "anna@example.org", "Ben Example", "carl@example.org"

_MOVES = """
    open    A 100.00 USD
    open    B 0.00 USD
    open    C 20.00 USD line=5.00
    open    D 3.00 USD
    open    R 1.00 USD of=rival
    open    E 0.00 EUR
    watch   m1 A available below 50.00
    watch   m2 B posted above 55.00
    move    A -> B 60.00 t1 tags=blue      ok
    batch
    move    A -> B 60.00 t2                insufficient_funds
    batch
    hold    A -> B 7.00  h1 timeout=3600   ok
    hold    A -> B 8.00  h2                ok
    batch
    post    h2 2.00      p2                ok
    batch
    hold    C -> B 1.00  h3 timeout=5      ok
    clock   +9
    batch
    linked  A -> B 10.00 t3                ok
    linked  A -> B 5.00  t4                ok
    batch
    move    C -> B 24.00 t5                ok
    reverse t3           r3                ok
    close   D                              ok
    batch
    freeze  R all
    thaw    R
    freeze  R debits
    move    A -> B 1.00  i1 imported across on=2018-01-01   ok
    move    A -> B 1.00  i2 imported across on=2018-01-03   ok
    batch
    period  2020-02-28
"""
_GIFT = """
name = "gift"
parameters = { giver = "account", friend = "account" }
[[legs]]
amount = "1.00 USD"
code = "gift"
from = "{giver}"
to = "{friend}"
"""


def build_whole_book(engine: sa.Engine, vault: Vault) -> Ledger:
    """Open the book, and do in it whatever leaves a row in any table."""
    with begin(engine, actor="operator:ann", clock=lambda: NOON) as work:
        book_id = open_book(work, name="whole", jurisdiction="US", currency="USD")
        names = [PartnerOrder(name, name.title(), Vertical.RETAIL) for name in ("shop", "rival")]
        ledger = Ledger(engine, book_id, Orders(book_id, register_partners(work, book_id, names)))
        hook = "https://shop.example/hook"
        register_endpoint(work, book_id, ledger.partner_id, address=hook, reason="the partner asked")
    ledger.check(_MOVES)
    ledger.now += timedelta(days=1)
    with begin(engine, actor="operator:ann", clock=ledger.clock) as work:
        _people(work, vault, ledger)
        _keys(work, ledger)
        _insights(work, book_id)
        record_zone(work, book_id, "US")
        set_calendar(work, book_id, day_rule("Europe/Prague", from_on=date(2100, 1, 1)), reason="it moves to Prague")
        declare_period(work, book_id, Period(date(2018, 1, 1), None), reason="it has operated since")
        classify(work, book_id, [ClassificationRule("gift", TransferClass.PAYMENT)], reason="a gift is a payment")
        words = MetadataOrder(MetadataNoun.ACCOUNT, ledger.account_id("A"), ledger.partner_id, '{"branch":"b-1"}')
        set_metadata(work, book_id, words)
    _tokens(ledger, vault)
    _requests(engine, ledger)
    _payment(ledger, vault)
    _forget_carl(ledger, vault)
    _imports(engine, book_id)
    _calls(ledger)
    _operators_change(ledger)
    _exports(ledger, vault)
    _clock(ledger)
    return ledger


def _people(work: Work, vault: Vault, ledger: Ledger) -> None:
    orders = [CustomerOrder(ledger.partner_id, None, name) for name in (ANNA, CARL)]
    anna, _ = register_customers(work, vault, ledger.book_id, orders).values()
    wallet = AccountOrder(
        AccountId(derived_id("wallet")), ledger.partner_id, anna, "test:wallet", "USD", AccountKind.CUSTOMER
    )
    open_accounts(work, vault, ledger.book_id, [wallet])
    read_customer(work, vault, ledger.book_id, anna, reason="a test")
    place_legal_hold(work, customer_subject(work, ledger.book_id, anna), reason="case 17")


def _keys(work: Work, ledger: Ledger) -> None:
    texts = [issue(work, ledger.book_id, ledger.partner_id, pepper=PEPPER, scopes=each) for each in ("read", "write")]
    revoke(work, key_id_of(texts[1]), reason="lost")


def _tokens(ledger: Ledger, vault: Vault) -> None:
    """One that expires, and one that is erased."""
    for number, expires_at in (("4242424242424242", ledger.now + timedelta(days=365)), ("5555555555554444", None)):
        value = secret_value(TokenKind.CARD, number)
        fingerprint = fingerprint_of(vault, ledger.book_id, ledger.partner_id, value)
        order = TokenOrder(ledger.partner_id, value, fingerprint, expires_at=expires_at)
        with begin(ledger.engine, actor="key_1", clock=ledger.clock) as work:
            seq = create_token(work, vault, ledger.book_id, order)
    with begin(ledger.engine, actor="key_1", clock=ledger.clock) as work:
        token_id = token_at(Reader(work.connection), ledger.book_id, seq).token_id
        erase_token(work, ledger.book_id, token_id, reason="asked")
    destroy_keys(ledger.engine, vault, ledger.book_id, [token_id])


def _requests(engine: sa.Engine, ledger: Ledger) -> None:
    """Two that are done, and one that is refused for good."""
    template = read_toml(_GIFT)

    def works() -> AbstractContextManager[Work]:
        return begin(engine, actor="key_1", clock=ledger.clock)

    def published(work: Work) -> int:
        return publish(work, ledger.book_id, ledger.partner_id, template).seq

    def refused(_work: Work) -> int:
        raise NotFound("there is no such account")

    for key in ("k1", "k2"):
        once(
            works,
            Request(ledger.book_id, ledger.partner_id, key, {"template": "gift"}),
            published,
            taken_at=position_of_id,
        )
    with suppress(NotFound):
        once(
            works,
            Request(ledger.book_id, ledger.partner_id, "k3", {"account": "none"}),
            refused,
            taken_at=position_of_id,
        )


def _insights(work: Work, book_id: BookId) -> None:
    month = date(2018, 1, 1)
    charge_id = charge(work, book_id, ChargeOrder("transaction_count", month, b"s" * 32, 5_547))
    as_of = journal.head(work.connection, book_id).last_seq
    cells = [CellOrder(each, 100, 7) for each in Vertical]
    record_release(work, book_id, ReleaseOrder(charge_id, "transactions", as_of, 60, 570_000_000, cells))
    by_count = charge(work, book_id, ChargeOrder("customers_by_transaction_count", month, b"s" * 32, 1_109))
    buckets = [BucketOrder(0, 70), BucketOrder(10, None)]
    record_release(work, book_id, ReleaseOrder(by_count, "customers", as_of, 1, 21_000_000, buckets=buckets))


def _payment(ledger: Ledger, vault: Vault) -> None:
    order = ledger.orders.read(Line.of("move A -> B 1.00 paid ok"), None)._replace(counterparty=BEN)
    BookWriter(ledger.engine, ledger.book_id, clock=ledger.clock).post(sealed_orders(vault, ledger.book_id, [order]))


def _forget_carl(ledger: Ledger, vault: Vault) -> None:
    with begin(ledger.engine, actor="test") as work:
        (carl,) = register_customers(
            work, vault, ledger.book_id, [CustomerOrder(ledger.partner_id, None, CARL)]
        ).values()
    with read(ledger.engine) as reader:
        subject = customer_subject(reader, ledger.book_id, carl)
    forget(Eraser(ledger.engine, vault, "operator:ann", ledger.clock), subject, reason="asked")


def _calls(ledger: Ledger) -> None:
    """The calls that tell of the monitors' events, which wait."""
    writer = BookWriter(ledger.engine, ledger.book_id, clock=ledger.clock)

    def record(_book_id: BookId, facts: FactOrder) -> None:
        writer.post((), [SideFacts(facts, slice(0, 0))])

    for consumer in CONSUMERS:
        while advance(ledger.engine, consumer, ledger.book_id, record, clock=ledger.clock):
            pass


def _operators_change(ledger: Ledger) -> None:
    """A change that a signed-in operator made."""
    asked = OperatorRequest(
        ledger.book_id, "operator:ann", "key", "declareOperatingPeriod", {"from": "2018-01-01"}, "it was late", "admins"
    )
    change_once(lambda: begin(ledger.engine, actor=asked.actor, clock=ledger.clock), asked, lambda _work: None)


def _exports(ledger: Ledger, vault: Vault) -> None:
    """An export with its duty, its key and its delivery, and what reports need to know."""
    day, book_id = date(2018, 1, 31), ledger.book_id
    what, to = ExportOf("statements", "shop", date(2018, 1, 1), day), "file:///exports"
    with begin(ledger.engine, actor="operator:ann", clock=ledger.clock) as work:
        order = CustomerOrder(ledger.partner_id, None, ANNA)
        (anna,) = register_customers(work, vault, book_id, [order]).values()
        said = {"kind": "individual", "first_name": "Anna", "last_name": "Example"}
        state_particulars(work, vault, book_id, [(anna, said)])
        declare_obligation(work, book_id, ObligationOrder("statements", day, None, {}), reason="the law")
        record_bank_balances(
            work, book_id, [BankBalanceOrder("fbo", "shop", day, Money(100, "USD"))], reason="the bank's statement"
        )
        set_destination(
            work, vault, book_id, DestinationOrder("statements", "shop", to), is_active=True, reason="the partner asked"
        )
        key = rotate_key(work, vault, book_id, reason="the first one")
        signed = SignedContents(bytes(32), bytes(32), key.key_id)
        made = record_made(work, book_id, what, signed, at=ExportPosition(1, bytes(32)))
        intend_deliveries(work, book_id, made.export_id)


def _clock(ledger: Ledger) -> None:
    """The fact of a sandbox's clock; the book is none, as only live books have a lake."""
    from_at, to_at = ledger.now, ledger.now + timedelta(days=1)
    moved = {"partner_id": ledger.partner_id, "moved_from_at": from_at, "moved_to_at": to_at}
    with begin(ledger.engine, actor="key_1", clock=ledger.clock) as work:
        fact = journal.draft(SandboxClockAdvance, **moved, ahead_us=86_400_000_000, actor="key_1")
        journal.seal(work, journal.open_batch(work, ledger.book_id), [fact])


def _imports(engine: sa.Engine, book_id: BookId) -> None:
    with engine.connect() as connection:
        row = connection.execute(sa.text("SELECT * FROM books WHERE book_id = :book"), {"book": book_id}).one()
    book = Book(**row._asdict())
    with importing(engine, book_id, mapping="cards", files="a.csv"):
        pass
    for mapping in ("given-up", "half"):
        _break_off(engine, book_id, mapping)
    abandon_imports(engine, book, "given-up", actor="operator:ann", reason="the file is lost")


def _break_off(engine: sa.Engine, book_id: BookId, mapping: str) -> None:
    with suppress(ZeroDivisionError), importing(engine, book_id, mapping=mapping, files="b.csv"):
        _ = 1 // 0
