"""Each rule of code finds what it is for, and leaves alone what it is not for."""

from textwrap import dedent

import pytest

from tests.shape import dangers, limits, names, personal, promises
from tests.shape.source import Rule, Source


def found(rule: Rule, text: str, path: str = "ledger/book/judging/judge.py") -> int:
    return len(list(rule(Source(path, dedent(text)))))


def test_a_file_of_400_lines_is_allowed_and_one_more_is_not() -> None:
    assert found(limits.file_length, "x = 1\n" * 400) == 0
    assert found(limits.file_length, "x = 1\n" * 401) == 1


def test_a_function_of_50_lines_is_allowed_and_one_more_is_not() -> None:
    assert found(limits.function_length, "def f():\n" + "    x = 1\n" * 49) == 0
    assert found(limits.function_length, "def f():\n" + "    x = 1\n" * 50) == 1


def test_the_ninetieth_percentile_is_what_nine_of_ten_do_not_exceed() -> None:
    assert limits.ninetieth([1, 2, 3, 4, 5, 6, 7, 8, 9, 100]) == 9
    assert limits.ninetieth([7]) == 7


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("".join(f"def f{n}(): ...\n" for n in range(8)), 0),
        ("".join(f"def f{n}(): ...\n" for n in range(9)), 1),
        ("".join(f"def _f{n}(): ...\n" for n in range(9)), 0),
        ("class Root(Exception): ...\n" + "".join(f"class Leaf{n}(Root): ...\n" for n in range(9)), 0),
        ("".join(f"class Alone{n}: ...\n" for n in range(9)), 1),
        ("".join(f"LIMIT_{n}: Final = {n}\n" for n in range(9)), 1),
    ],
)
def test_nine_public_names_are_too_many_but_a_tree_of_classes_is_one(text: str, faults: int) -> None:
    assert found(limits.public_names, text) == faults


@pytest.mark.parametrize(
    ("signature", "faults"),
    [
        ("a, b, c, d", 0),
        ("self, a, b, c, d", 0),
        ("a, b, c, d, *, e, f", 0),
        ("a, b, c, d, e", 1),
        ("a, /, b, c, d, e", 1),
    ],
)
def test_a_fifth_positional_parameter_is_one_too_many(signature: str, faults: int) -> None:
    assert found(limits.positional_parameters, f"def f({signature}): ...") == faults


@pytest.mark.parametrize(
    ("docstring", "faults"),
    [
        ('"""The judge: decides a batch, in order (RFC 9162, section 2.1)."""', 0),
        ('"""The judge: decides a batch.\n\nIt sees no clock. It sees no database.\n"""', 0),
        ('"""Decides a batch. It sees no clock."""', 1),
        ('"""Decides a batch"""', 1),
        ("x = 1", 1),
    ],
)
def test_a_module_opens_with_exactly_one_sentence(docstring: str, faults: int) -> None:
    assert found(promises.opening_sentence, docstring) == faults


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ('def post():\n    """Post."""', 0),
        ("def post(): ...", 1),
        ("def _post(): ...", 0),
        ('class Book:\n    """A book."""\n    def post(self): ...', 1),
        ('class Book:\n    """A book."""\n    def __str__(self): ...\n    def _post(self): ...', 0),
    ],
)
def test_what_is_public_has_a_docstring(text: str, faults: int) -> None:
    assert found(promises.public_docstrings, text) == faults


def test_the_one_step_of_a_migration_is_said_by_its_module() -> None:
    path = "ledger/migrations/versions/0001_the_book.py"

    assert found(promises.public_docstrings, "def upgrade(): ...", path) == 0


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("def f(a: int, *rest: int, b: int, **more: int) -> None: ...", 0),
        ("def f(self, a: int) -> None: ...", 0),
        ("def f(a, *rest, b, **more): ...", 5),
        ("async def f(a: int): ...", 1),
    ],
)
def test_every_parameter_and_answer_has_a_type(text: str, faults: int) -> None:
    assert found(promises.annotations, text) == faults


@pytest.mark.parametrize(
    ("comment", "faults"),
    [
        ("noqa: S608  # names of a record, no input", 0),
        ("type: ignore[arg-type]  # a class is taken for its instance", 0),
        ("noqa", 1),
        ("noqa: S608", 1),
        ("type: ignore", 1),
        ("type: ignore[arg-type]", 1),
    ],
)
def test_a_silenced_check_gives_its_code_and_its_reason(comment: str, faults: int) -> None:
    assert found(promises.reasons, f"x = 1  # {comment}") == faults


@pytest.mark.parametrize("mark", ["TODO", "FIXME", "XXX", "HACK"])
def test_a_comment_leaves_nothing_to_be_done(mark: str) -> None:
    assert found(promises.finished, f"x = 1  # {mark}: later") == 1
    assert found(promises.finished, f"-- {mark} later", "dbt_project/models/a.sql") == 1
    assert found(promises.finished, f"currency = '{mark}'") == 0


def test_a_public_function_below_a_private_one_is_misplaced() -> None:
    assert found(promises.public_first, "def post(): ...\ndef _write(): ...") == 0
    assert found(promises.public_first, "def _write(): ...\ndef post(): ...") == 1


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        (dangers.late_imports, "def f():\n    import os", "import os\ndef f(): ..."),
        (dangers.late_imports, "def f():\n    from a import b", "from a import b"),
        (dangers.module_state, "SEEN = {}", "SEEN: Final = {}"),
        (dangers.module_state, "SEEN: dict[str, int] = dict()", "SEEN: Final[dict[str, int]] = dict()"),
        (dangers.module_state, "def f():\n    global x", "def f():\n    x = []"),
        (dangers.module_state, "NAMES = [n for n in 'ab']", "NAMES = tuple('ab')"),
        (dangers.transaction_ends, "connection.commit()", "commit = 1"),
        (dangers.transaction_ends, "work.connection.rollback()", "rollback(connection)"),
        (dangers.environment, "home = os.environ['HOME']", "home = settings.home"),
        (dangers.environment, "os.getenv('HOME')", "environ: Mapping[str, str]"),
        (dangers.environment, "from os import environ", "from os import urandom"),
        (dangers.floats, "rate = 0.1", "rate = Fraction(1, 10)"),
        (dangers.floats, "float(text)", "int(text)"),
        (dangers.floats, "share = a / b", "share = a // b"),
        (dangers.lakes, "lake = Lake.of(settings)", "lake = zones.lake_of(book)"),
        (dangers.lakes, "Lake(url, {}, cache)", "def f(lake: Lake): ..."),
        (dangers.clocks, "datetime.now(UTC)", "work.now"),
        (dangers.clocks, "datetime.date.today()", "work.now.date()"),
        (dangers.clocks, "time.time()", "time.monotonic()"),
        (dangers.clocks, "time.time_ns()", "time.perf_counter()"),
        (dangers.broad_excepts, "try: f()\nexcept Exception: pass", "try: f()\nexcept ValueError: pass"),
        (dangers.broad_excepts, "try: f()\nexcept: pass", "try: f()\nexcept: raise"),
        (
            dangers.broad_excepts,
            "try: f()\nexcept (OSError, BaseException): log()",
            "try: f()\nexcept BaseException:\n    undo()\n    raise",
        ),
        (
            dangers.broad_excepts,
            "try: f()\nexcept Exception as e: answer.set_result(e)",
            "try: f()\nexcept Exception as e: answer.set_exception(e)",
        ),
    ],
)
def test_a_danger_is_found_and_its_cure_is_not(rule: Rule, bad: str, good: str) -> None:
    assert found(rule, bad) == 1
    assert found(rule, good) == 0


@pytest.mark.parametrize(
    ("rule", "text", "home"),
    [
        (dangers.transaction_ends, "connection.commit()", "ledger/kernel/work.py"),
        (dangers.environment, "os.environ", "ledger/kernel/settings.py"),
        (dangers.lakes, "Lake.of(settings)", "lake/residency/zones.py"),
        (dangers.clocks, "datetime.now(UTC)", "ledger/kernel/clock.py"),
        (dangers.clocks, "time.time_ns()", "ledger/kernel/ids.py"),
        (dangers.broad_excepts, "try: f()\nexcept Exception: pass", "api/app.py"),
        (dangers.broad_excepts, "try: f()\nexcept Exception: pass", "cofferdam/failures.py"),
        (dangers.floats, "seconds = 0.1", "pipelines/stream/worker.py"),
        (dangers.floats, 'path = home / "ledger"', "ledger/kernel/settings.py"),
    ],
)
def test_what_is_dangerous_elsewhere_has_one_home(rule: Rule, text: str, home: str) -> None:
    assert found(rule, text, home) == 0


def test_only_what_streams_values_is_asynchronous_below_the_edge() -> None:
    waits, streams = "async def me() -> None: ...", "async def balances() -> None:\n    yield 1"

    assert found(dangers.asynchronous, waits, "ledger/flows/transfers.py") == 1
    assert found(dangers.asynchronous, streams, "lake/bronze/read.py") == 1
    assert found(dangers.asynchronous, waits, "api/graphql/nouns/partners.py") == 1
    assert found(dangers.asynchronous, streams, "api/graphql/nouns/partners.py") == 0
    assert found(dangers.asynchronous, waits, "api/app.py") == 0


def test_ids_may_ask_for_nanoseconds_but_not_for_the_day() -> None:
    assert found(dangers.clocks, "date.today()", "ledger/kernel/ids.py") == 1


@pytest.mark.parametrize("path", ["api/utils.py", "lake/base.py", "ledger/book/account_manager.py", "api/helpers.py"])
def test_a_module_for_what_belongs_nowhere_is_found(path: str) -> None:
    assert found(names.module_names, "", path) == 1
    assert found(names.module_names, "", "lake/database.py") == 0


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("def process_transfer(): ...", 1),
        ("def _handle(): ...", 1),
        ("def data(): ...", 1),
        ("class TransferService: ...", 1),
        ("class BaseRule: ...", 1),
        ("def data_dictionary(): ...", 0),
        ("class Database: ...", 0),
        ("class PageInfo: ...", 0),
        ("class AccountInfo: ...", 1),
        ("def post_transfers(): ...", 0),
    ],
)
def test_an_empty_word_in_a_name_is_found(text: str, faults: int) -> None:
    assert found(names.definition_names, text) == faults


@pytest.mark.parametrize(
    ("path", "faults"),
    [
        ("ledger/tenancy/api_keys.py", 0),
        ("ledger/book/reading/balances.py", 0),
        ("ledger/book/balance_keys.py", 0),
        ("ledger/book/widgets.py", 1),
        ("ledger/migrations/versions/0003_widgets.py", 0),
        ("api/app.py", 0),
    ],
)
def test_a_module_is_named_for_words_that_the_glossary_explains(path: str, faults: int) -> None:
    glossary = "| term | meaning |\n|---|---|\n| **API key** | a widget |\n| **balance** | a sum |\n"

    assert len(list(names.known_nouns(Source(path, ""), glossary))) == faults


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("sa.select(CUSTOMERS.c.customer_id)", 0),
        ("table = CUSTOMERS.c\nsa.select(table.person_id).where(table.customer_id == 1)", 0),
        ("order.external_ref", 0),
        ("_CUSTOMERS: Final = table(Customer)", 0),
        ("sa.select(_CUSTOMERS)", 1),
        ("sa.select(_CUSTOMERS.c.external_ref)", 1),
        ("sa.select(*_CUSTOMERS.c)", 1),
        ("_CUSTOMERS.c['external_ref']", 1),
        ("table = _CUSTOMERS.c\nsa.select(table.external_ref)", 1),
        ("table = _CUSTOMERS.c\nsa.select(*table)", 1),
        ("from ledger.personal_data.registration import _CUSTOMERS", 1),
        ("PEOPLE: Final = table(Customer)", 1),
        ("sa.select(table(Customer))", 1),
        ("tables._CUSTOMERS.c.customer_id", 1),
        ("'SELECT * FROM customers c'", 1),
        ("'SELECT * FROM lake.customers c'", 0),
    ],
)
def test_what_is_personal_of_a_customer_is_read_in_one_place(text: str, faults: int) -> None:
    assert found(personal.personal_reads, text, "ledger/personal_data/registration.py") == faults
    assert found(personal.personal_reads, text, "ledger/personal_data/customers.py") == 0
