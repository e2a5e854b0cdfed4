"""Bad rows wait in quarantine: each once, sealed, with its rule and reason, until they are replayed or given up."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from lake.tables import Lake
from ledger.book.reading.balances import accounts_page
from ledger.imports.imports import importing, unfinished_imports
from ledger.imports.records import RowState
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.pages import Slice
from ledger.kernel.work import begin, read
from ledger.personal_data.account_references import opened_references
from ledger.records import RECORDS
from ledger.tenancy.books import book_named
from ledger.vault.records import SubjectId
from ledger.vault.vault import Vault
from pipelines.imports.bulks import REPLAY
from pipelines.imports.quarantine import Quarantine
from pipelines.imports.quarantined_rows import give_up, read_row
from pipelines.imports.replay import replay
from pipelines.imports.report import ImportReport
from tests.pipelines.imports.conftest import HEADER

Import = Callable[..., ImportReport]
Listed = Callable[..., list[sa.Row[Any]]]

GOOD = "1,2024-01-05T10:00:00,12.50,in,USD,sale,acme,77"
NAME, EMAIL, IBAN = "Zebulon Quix", "zebulon.quix@example.org", "DE89370400440532013000"
BAD = [
    f"2,2024-01-05,{IBAN},in,USD,sale,acme,78",
    f"3,2024-01-05,1.00,{NAME},USD,sale,acme,79",
    f"4,{EMAIL},1.00,in,USD,sale,acme,80",
    f'5,2024-01-05,1.00,in,USD,"{NAME},acme,81',
    f"6,2024-01-05,1.00,in,{NAME},sale,acme,82",
    f"7,2024-01-05,1.00,in,USD,sale,{EMAIL} Ltd,83",
    f"8,2024-01-05,-1.00,in,USD,sale,acme,{IBAN}",
]
RULES = [
    "unreadable_amount",
    "unknown_word",
    "unreadable_time",
    "malformed_csv",
    "unknown_currency",
    "invalid_input",
    "refused:amount_negative",
]


@pytest.fixture
def kept(engine: sa.Engine, vault: Vault) -> Callable[[], Quarantine]:
    """The quarantine of the book `shop`, as a command that starts now has it."""

    def opened() -> Quarantine:
        with read(engine) as reader:
            book = book_named(reader.connection, "shop")
        return Quarantine(engine, vault, book, actor="operator:eve")

    return opened


def mend(shop: Path, old: str, new: str) -> Path:
    """The mapping with a change, under the same name in another folder."""
    text = shop.read_text()
    assert old in text
    (shop.parent / "mended").mkdir(exist_ok=True)
    path = shop.parent / "mended" / shop.name
    path.write_text(text.replace(old, new))
    return path


def test_every_rejected_row_waits_with_its_rule_and_a_reason_that_has_no_word_of_it(
    load: Import, listed: Listed
) -> None:
    report = load(GOOD, *BAD)

    rows = listed(RowState.WAITING)
    assert [row.rule for row in rows] == RULES
    assert [row.line for row in rows] == list(range(3, 10))
    assert {(row.file, row.mapping, row.quarantined_by) for row in rows} == {("rows.csv", "shop", "import:shop")}
    assert all(row.reason for row in rows)
    assert (report.rows, report.accepted, report.quarantined) == (8, 1, 7)
    assert report.quarantine == "cofferdam quarantine list shop"


def test_no_table_of_the_ledger_says_what_a_bad_row_says(load: Import, engine: sa.Engine) -> None:
    load(GOOD, *BAD)

    with read(engine) as reader:
        said = [
            text
            for record in RECORDS
            for text in reader.connection.exec_driver_sql(f"SELECT t::text FROM {record.TABLE} t").scalars()
        ]

    assert any("s1." in text for text in said), "the search looks where the rows are"
    assert [text for text in said for name in (NAME, EMAIL, IBAN, "Zebulon") if name in text] == []


def test_the_store_refuses_a_row_in_clear_and_the_text_of_a_settled_one(load: Import, engine: sa.Engine) -> None:
    load(GOOD, BAD[0])

    for change in ("row = 'in clear'", "row = NULL", "state = 'replayed', settled_at = now()"):
        with engine.connect() as connection, pytest.raises(sa.exc.IntegrityError, match="quarantined_rows_row_"):
            connection.exec_driver_sql(f"UPDATE quarantined_rows SET {change}")
    with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        connection.exec_driver_sql("DELETE FROM quarantined_rows")


def test_the_same_file_again_adds_nothing_and_a_changed_one_is_another(load: Import, listed: Listed) -> None:
    load(GOOD, *BAD)
    before = listed()

    again = load(GOOD, *BAD)

    assert (again.quarantined, listed()) == (7, before)
    load(GOOD, BAD[0])
    assert len(listed(RowState.WAITING)) == 8


def test_a_file_without_rejects_says_so(load: Import, listed: Listed) -> None:
    report = load(GOOD)

    assert (report.quarantined, report.quarantine, listed()) == (0, "no row was rejected", [])


def test_a_lake_that_cannot_be_reached_keeps_no_row_from_quarantine(
    load: Import, lake: Lake, listed: Listed, tmp_path: Path
) -> None:
    (tmp_path / "a file").write_text("")

    report = load(GOOD, BAD[0], lake=Lake(str(tmp_path / "a file" / "lake"), {}, lake.cache))

    assert (report.accepted, report.quarantined, len(listed(RowState.WAITING))) == (1, 1, 1)


def test_a_mended_mapping_brings_the_rows_that_it_mends_and_the_others_say_why_not(
    load: Import, shop: Path, listed: Listed, kept: Callable[[], Quarantine], engine: sa.Engine
) -> None:
    load(GOOD, "2,2024-01-05,1.00,IN,USD,sale,acme,77", "3,2024-01-05,x,IN,USD,sale,acme,77")
    mended = mend(shop, "in = ", 'IN = "credit", in = ')

    report = replay(kept(), mended=mended)
    again = replay(kept())

    assert (report.rows, report.replayed, report.still_waiting) == (2, 1, {"unreadable_amount": 1})
    assert (again.rows, again.replayed, again.still_waiting) == (1, 0, {"unreadable_amount": 1})
    done, waits = listed()
    assert (done.state, done.settled_by, waits.state, waits.rule) == (
        "replayed", "operator:eve", "waiting", "unreadable_amount",
    )  # fmt: skip
    with read(engine) as reader:
        found = reader.connection.execute(sa.text("SELECT seq FROM transfers WHERE external_ref = '2'")).scalar_one()
    assert done.settled_seq == found


def test_without_a_mapping_rows_are_replayed_by_their_own(
    load: Import, shop: Path, listed: Listed, kept: Callable[[], Quarantine]
) -> None:
    load(GOOD, "2,2024-01-05,1.00,in,EUR,sale,acme,77")
    shop.unlink()

    report = replay(kept())

    assert (report.rows, report.still_waiting) == (1, {"idempotency_conflict": 1})
    (row,) = listed(RowState.WAITING)
    assert row.rule == "idempotency_conflict"


def test_a_row_keeps_the_columns_that_only_a_mended_mapping_asks_for(
    load: Import, shop: Path, kept: Callable[[], Quarantine], tmp_path: Path
) -> None:
    values = {"id": "1", "time": "2024-01-05", "amount": "?", "total": "3.25", "way": "in", "currency": "USD"}
    values |= {"code": "sale", "partner": "acme", "account": "77"}
    pq.write_table(pa.table({name: [text] for name, text in values.items()} | {"f": [0.5]}), tmp_path / "a.parquet")
    (tmp_path / "b.csv").write_text(",".join(values) + "\n" + ",".join({**values, "id": "2"}.values()) + "\n")
    load(tmp_path / "a.parquet", tmp_path / "b.csv")

    wrong = replay(kept(), mended=mend(shop, 'column = "amount"', 'column = "f"'))
    right = replay(kept(), mended=mend(shop, 'column = "amount"', 'column = "total"'))

    assert wrong.still_waiting == {"missing_column": 2}
    assert (right.replayed, right.still_waiting) == (2, {})


def test_a_mended_dialect_reads_a_torn_row_anew(
    load: Import, shop: Path, kept: Callable[[], Quarantine], engine: sa.Engine
) -> None:
    load(GOOD, '2,2024-01-05,1.00,in,USD,sale,acme,"7" ü')

    report = replay(kept(), mended=mend(shop, "[transfer]", '[csv]\nquote = "\'"\n[transfer]'))

    assert (report.replayed, report.still_waiting) == (1, {})
    with read(engine) as reader:
        views = accounts_page(reader, book_named(reader.connection, "shop").book_id, Slice(limit=10))
    book_id = views[0].account.book_id
    assert 'shop:"7" ü' in opened_references(kept().vault, book_id, [view.account.external_ref for view in views])


def test_the_whole_file_imported_again_by_a_mended_mapping_settles_what_passes(
    load: Import, shop: Path, listed: Listed, kept: Callable[[], Quarantine]
) -> None:
    rows = (GOOD, "2,2024-01-05,1.00,IN,USD,sale,acme,77", "3,2024-01-05,x,IN,USD,sale,acme,77")
    load(*rows)

    report = load(*rows, mapping=mend(shop, "in = ", 'IN = "credit", in = '))

    assert (report.accepted, report.rejected) == (1, {"unreadable_amount": 1})
    assert Counter(row.state for row in listed()) == {"replayed": 1, "waiting": 1}
    assert replay(kept()).rows == 1


def test_single_rows_are_replayed_by_their_ids(load: Import, listed: Listed, kept: Callable[[], Quarantine]) -> None:
    load(GOOD, *BAD)
    first = listed()[0].row_id

    assert replay(kept(), row_ids=[first]).rows == 1
    with pytest.raises(NotFound, match="no such row waits in this book: qua_"):
        replay(kept(), row_ids=[SubjectId(new_id())])


def test_a_mapping_of_another_name_or_book_is_refused(
    load: Import, shop: Path, kept: Callable[[], Quarantine], tmp_path: Path
) -> None:
    load(GOOD, BAD[0])
    (tmp_path / "other.toml").write_text(shop.read_text())

    with pytest.raises(InvalidInput, match="no row waits that came by a mapping 'other'; rows came by shop"):
        replay(kept(), mended=tmp_path / "other.toml")
    with pytest.raises(InvalidInput, match="this mapping is for book 'mall', not for 'shop'"):
        replay(kept(), mended=mend(shop, 'name = "shop"', 'name = "mall"'))


def test_a_row_that_is_settled_or_given_up_is_never_read_again_and_does_not_come_back(
    load: Import, listed: Listed, kept: Callable[[], Quarantine], engine: sa.Engine
) -> None:
    load(GOOD, *BAD)
    ids = [row.row_id for row in listed()]
    with begin(engine, actor="operator:eve") as work:
        before = read_row(work, kept(), ids[0], reason="case 7")

    none = give_up(kept(), [], reason="the sender has mended the file")
    count = give_up(kept(), ids[:2], reason="the sender has mended the file")
    again = give_up(kept(), ids[:2], reason="the sender has mended the file")
    load(GOOD, *BAD)

    assert before.text is not None
    assert IBAN in json.loads(before.text)["row"]
    assert (none, count, again) == (0, 2, 0)
    with begin(engine, actor="operator:eve") as work:
        assert read_row(work, kept(), ids[0], reason="case 7").text is None
        assert read_row(work, kept(), ids[2], reason="case 7").text is not None
    assert Counter(row.state for row in listed()) == {"given_up": 2, "waiting": 5}
    with pytest.raises(InvalidInput, match="say why you give it up"):
        give_up(kept(), ids, reason=" ")


def test_a_reading_is_a_fact_and_without_a_reason_nothing_is_read(
    load: Import, listed: Listed, kept: Callable[[], Quarantine], engine: sa.Engine
) -> None:
    load(GOOD, BAD[0])
    (row,) = listed()

    with pytest.raises(InvalidInput, match="say why you read personal data"), begin(engine, actor="eve") as work:
        read_row(work, kept(), row.row_id, reason="")
    with begin(engine, actor="operator:eve") as work:
        reading = read_row(work, kept(), row.row_id, reason="case 7")

    with read(engine) as reader:
        (fact,) = reader.connection.execute(sa.text("SELECT * FROM personal_readings"))
    assert (fact.seq, fact.subject, fact.subject_id) == (reading.seq, "quarantined_row", row.row_id)
    assert (fact.actor, fact.reason, fact.fields) == ("operator:eve", "case 7", "row")


def test_of_two_imports_of_a_file_at_once_each_row_is_there_once(load: Import, listed: Listed, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("\n".join([HEADER, GOOD, *BAD]) + "\n")

    with ThreadPoolExecutor(2) as imports:
        reports = [done.result() for done in [imports.submit(load, file) for _ in range(2)]]

    assert [report.quarantined for report in reports] == [7, 7]
    assert [row.rule for row in listed(RowState.WAITING)] == RULES


def test_of_two_replays_at_once_each_row_is_settled_once(
    load: Import, shop: Path, kept: Callable[[], Quarantine], listed: Listed, engine: sa.Engine
) -> None:
    load(GOOD, *(f"{number},2024-01-05,1.00,IN,USD,sale,acme,77" for number in range(2, 200)))
    mended = mend(shop, "in = ", 'IN = "credit", in = ')

    with ThreadPoolExecutor(2) as replays:
        running = [replays.submit(replay, kept(), mended=mended, batch=50) for _ in range(2)]
        reports = [done.result() for done in running]

    assert sum(report.replayed for report in reports) == 198
    assert Counter(row.state for row in listed()) == {"replayed": 198}
    with read(engine) as reader:
        positions = sorted(
            reader.connection.execute(sa.text("SELECT seq FROM transfers WHERE external_ref <> '1'")).scalars()
        )
    assert sorted(row.settled_seq for row in listed()) == positions
    assert len(positions) == 198


def test_a_key_that_a_killed_run_left_goes_with_the_next(
    load: Import, kept: Callable[[], Quarantine], listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(GOOD, *BAD)
    first, killed = listed()[0].row_id, kept()
    with monkeypatch.context() as patched:
        patched.setattr(killed.vault, "forget", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            give_up(killed, [first], reason="the sender has mended the file")
    left = killed.vault.standing(killed.book.book_id, [first])

    replay(kept())

    assert left == [first]
    assert killed.vault.standing(killed.book.book_id, [first]) == []
    assert Counter(row.state for row in listed()) == {"given_up": 1, "waiting": 6}


def test_a_replay_that_was_killed_when_all_was_done_leaves_no_mark_after_the_next(
    load: Import, kept: Callable[[], Quarantine], engine: sa.Engine
) -> None:
    load(GOOD)
    book_id = kept().book.book_id

    with pytest.raises(KeyboardInterrupt), importing(engine, book_id, mapping="shop", files=REPLAY):
        raise KeyboardInterrupt
    with read(engine) as reader:
        assert unfinished_imports(reader.connection, book_id) == [("shop", REPLAY)]
    replay(kept())

    with read(engine) as reader:
        assert unfinished_imports(reader.connection, book_id) == []


def _interrupted(*_given: object) -> None:
    raise KeyboardInterrupt
