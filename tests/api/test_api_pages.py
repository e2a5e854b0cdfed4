"""Pages: forward and backward, while rows are inserted, each row that was there is shown once; and the ends tell."""

import threading

import pytest

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.posting import post
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import TransferId
from ledger.kernel.ids import new_id
from ledger.kernel.work import begin
from ledger.public_ids import parse_public

INSERTED = 1_000
INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
LISTS = {
    "accounts": "accounts(PAGE)",
    "accounts found": "accounts(filter: {kind: EXTERNAL, frozen: NONE, isClosed: false}, PAGE)",
    "transfers": "transfers(PAGE)",
    "transfers, the oldest first": "transfers(order: OLDEST_FIRST, PAGE)",
    "found": 'transfers(filter: {code: "payment"}, PAGE)',
    "of an account": "account(id: ACCOUNT) { transfers(PAGE) }",
    "entries": "account(id: ACCOUNT) { entries(PAGE) }",
}


@pytest.fixture
def pair(store, book_id, shop):
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    for index in range(2):
        shop.move(*[(bank, wallet, "1")] * 90, key=f"first {index}")
    _open(store, book_id, shop, *(f"a{index}" for index in range(40)))
    return bank, wallet


@pytest.fixture
def inserting(store, book_id, shop, pair):
    """Insert accounts and transfers in a thread, a few after each page, until there are enough."""
    bank, wallet = (AccountId(parse_public("account", each)) for each in pair)
    turns, done = threading.Semaphore(0), threading.Event()

    def insert():
        for index in range(INSERTED // 50):
            turns.acquire()
            if done.is_set():
                return
            orders = [
                TransferOrder(TransferId(new_id()), shop.partner_id, bank, wallet, 1, "USD", "payment")
                for _ in range(50)
            ]
            post(store, book_id, orders)
            opened = AccountOrder(
                AccountId(new_id()), shop.partner_id, None, f"shop:b{index}", "USD", AccountKind.EXTERNAL
            )
            with begin(store, actor="test") as work:
                open_accounts(work, book_id, [opened])

    thread = threading.Thread(target=insert)
    thread.start()
    yield turns.release
    done.set()
    turns.release()
    thread.join()


def _open(store, book_id, shop, *names):
    orders = [
        AccountOrder(AccountId(new_id()), shop.partner_id, None, f"shop:{name}", "USD", AccountKind.EXTERNAL)
        for name in names
    ]
    with begin(store, actor="test") as work:
        open_accounts(work, book_id, orders)


def _page(caller, query):
    (found,) = caller.ask(f"{{ {query} }}").values()
    return next(iter(found.values())) if "pageInfo" not in found else found


def _query(name, pair, paging):
    field = LISTS[name].replace("ACCOUNT", f'"{pair[1]}"').replace("PAGE", paging)
    shape = f"{{ nodes {{ id }} {INFO} }}"
    return f"{field[:-2]} {shape} }}" if field.endswith("}") else f"{field} {shape}"


def _walk(caller, name, pair, *, backward, between=lambda: None):
    """Walk all pages from one end; the rows in the order of the list."""
    seen, cursor = [], ""
    while True:
        size, at = ("last: 17", "before") if backward else ("first: 17", "after")
        page = _page(caller, _query(name, pair, f'{size} {at}: "{cursor}"' if cursor else size))
        shown = [node["id"] for node in page["nodes"]]
        seen = shown + seen if backward else seen + shown
        if not page["pageInfo"]["hasPreviousPage" if backward else "hasNextPage"]:
            return seen
        cursor = page["pageInfo"]["startCursor" if backward else "endCursor"]
        between()


@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("name", ["accounts", "transfers", "entries"])
def test_walking_a_list_while_rows_are_inserted_shows_each_earlier_row_once(shop, pair, inserting, name, backward):
    before = _walk(shop, name, pair, backward=False)

    seen = _walk(shop, name, pair, backward=backward, between=inserting)

    assert len(seen) == len(set(seen))
    assert [each for each in seen if each in set(before)] == before


@pytest.mark.parametrize("name", LISTS)
def test_both_directions_show_the_same_list(shop, pair, name):
    assert _walk(shop, name, pair, backward=True) == _walk(shop, name, pair, backward=False)


def test_a_page_between_two_cursors_knows_that_there_is_more_on_both_sides(shop, pair):
    whole = shop.ask("{ transfers(first: 9) { edges { cursor node { id } } } }")["transfers"]["edges"]
    between = f'after: "{whole[1]["cursor"]}", before: "{whole[6]["cursor"]}"'

    front = _page(shop, _query("transfers", pair, f"first: 2, {between}"))
    end = _page(shop, _query("transfers", pair, f"last: 2, {between}"))

    assert [each["id"] for each in front["nodes"]] == [each["node"]["id"] for each in whole[2:4]]
    assert [each["id"] for each in end["nodes"]] == [each["node"]["id"] for each in whole[4:6]]
    for page in (front, end):
        assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (True, True)


@pytest.mark.parametrize(
    ("paging", "code"),
    [
        ("last: 0", "INVALID_INPUT"),
        ("last: -1", "INVALID_INPUT"),
        ("last: 101", "INVALID_INPUT"),
        ("first: 1, last: 1", "INVALID_INPUT"),
        ('before: "x"', "INVALID_CURSOR"),
    ],
)
@pytest.mark.parametrize("field", ["accounts", "transfers", "customers", "templates", "monitorEvents", "insights"])
def test_a_page_that_cannot_be_is_refused_in_every_list(shop, field, paging, code):
    assert shop.error(f"{{ {field}({paging}) {{ asOf }} }}")["extensions"]["code"] == code
