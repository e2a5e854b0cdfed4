"""The store fails under a batch: the batch fails as one, its callers may send again, and the next batch works."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread

import psycopg
import pytest
import sqlalchemy as sa

from ledger.book.judging.results import Result
from ledger.book.posting.committer import Committer
from ledger.book.posting.writer import BookWriter
from ledger.kernel.engines import create_engine
from ledger.kernel.errors import NotStorable, Unavailable
from tests.faults.bank import Bank, assert_sound, funding, look, open_bank


@pytest.fixture
def bank(engine: sa.Engine) -> Bank:
    opened = open_bank(engine)
    BookWriter(engine, opened.book_id).post(funding(opened))
    return opened


@contextmanager
def head_locked(bank: Bank) -> Iterator[None]:
    """Another writer holds the book's head."""
    with bank.engine.begin() as other:
        other.exec_driver_sql("SELECT 1 FROM book_heads FOR UPDATE")
        yield


def wait_for_lock(url: str) -> int:
    """The process of a writer that waits for the head."""
    waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(url, autocommit=True) as connection:
        while (row := connection.execute(waiting).fetchone()) is None:
            pass
    return int(row[0])


def terminate(url: str, pid: int) -> None:
    """Break the connection that a process of the server serves."""
    with psycopg.connect(url) as operator:
        operator.execute("SELECT pg_terminate_backend(%s)", (pid,))


def make_hasty(connection: psycopg.Connection, _: object) -> None:
    """No statement of this connection takes longer than a fifth of a second."""
    connection.execute("SET statement_timeout = 200")
    connection.commit()


class Wire:
    """A wire to the server that can be cut behind a commit: the server has it, and its answer never arrives."""

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        self._server = Path(str(parsed.query["host"])) / ".s.PGSQL.5432"
        self._ear = socket.create_server(("127.0.0.1", 0))
        self.cuts_the_next_commit = False
        self.url = parsed.set(host="127.0.0.1", port=self._ear.getsockname()[1], query={}).render_as_string(
            hide_password=False
        )
        Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._ear.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._ear.accept()
            except OSError:
                return
            Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(self._server))
        back = Thread(target=self._carry_back, args=(far, near), daemon=True)
        back.start()
        with near, far:
            while said := _received(near):
                if self.cuts_the_next_commit and b"COMMIT\0" in said:
                    self.cuts_the_next_commit = False
                    near.shutdown(socket.SHUT_RDWR)
                far.sendall(said)
            back.join(5)

    @staticmethod
    def _carry_back(far: socket.socket, near: socket.socket) -> None:
        try:
            while said := _received(far):
                near.sendall(said)
        except OSError:
            pass  # the near end is cut


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:
        return b""


def test_a_connection_lost_in_the_middle_of_a_batch_leaves_nothing_of_it(bank, database_url):
    writer, orders = BookWriter(bank.engine, bank.book_id), [bank.order(f"t{n}") for n in range(3)]
    writer.post([bank.order("before")])
    position = look(bank, 0)

    with ThreadPoolExecutor(1) as thread, head_locked(bank):
        answer = thread.submit(writer.post, orders)
        terminate(database_url, wait_for_lock(database_url))
        with pytest.raises(Unavailable, match="send the same orders again"):
            answer.result(30)

    assert look(bank, 0) == position
    assert {outcome.result for outcome in writer.post(orders)} == {Result.CREATED}
    assert_sound(bank)


def test_a_connection_lost_between_commit_and_answer_is_settled_by_sending_again(bank, database_url):
    """Case 26: nobody can tell from outside whether it was done, and sending again tells."""
    wire = Wire(database_url)
    engine = create_engine(wire.url)
    writer, orders = BookWriter(engine, bank.book_id), [bank.order(f"t{n}", 7) for n in range(3)]
    writer.post([])
    wire.cuts_the_next_commit = True

    with pytest.raises(Unavailable, match="send the same orders again"):
        writer.post(orders)
    again = writer.post(orders)
    engine.dispose()
    wire.close()

    assert [outcome.result for outcome in again] == [Result.EXISTS] * 3
    assert look(bank, 0) == again[-1].seq
    assert_sound(bank)


def test_a_statement_that_takes_too_long_fails_its_batch_and_not_the_next(bank, database_url):
    hasty = create_engine(database_url)
    sa.event.listen(hasty, "connect", make_hasty)
    writer, orders = BookWriter(hasty, bank.book_id), [bank.order(f"t{n}") for n in range(3)]
    position = look(bank, 0)

    with head_locked(bank), pytest.raises(Unavailable, match="statement timeout"):
        writer.post(orders)

    assert look(bank, 0) == position
    assert {outcome.result for outcome in writer.post(orders)} == {Result.CREATED}
    hasty.dispose()
    assert_sound(bank)


@pytest.fixture
def tiny_disk(bank: Bank) -> Iterator[Path]:
    """A disk of eight megabytes that holds the transfers."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small file system")
    folder = Path(mkdtemp(prefix="cofferdam-disk-"))
    folder.chmod(0o755)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=False).returncode:
        pytest.skip("this system does not allow to mount a small file system")
    try:
        with transfers_on(folder, bank.engine.url.render_as_string(hide_password=False)):
            yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


@contextmanager
def transfers_on(folder: Path, url: str) -> Iterator[None]:
    """The table of transfers in a tablespace of its own, as only the owner of the schema may move it."""
    owner = create_engine(url, role=None)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        server = Path(connection.exec_driver_sql("SHOW data_directory").scalar_one()).stat()
        os.chown(folder, server.st_uid, server.st_gid)
        connection.exec_driver_sql(f"CREATE TABLESPACE tiny LOCATION '{folder}'")
        try:
            connection.exec_driver_sql("ALTER TABLE transfers SET TABLESPACE tiny")
            yield
        finally:
            connection.exec_driver_sql("ALTER TABLE transfers SET TABLESPACE pg_default")
            connection.exec_driver_sql("DROP TABLESPACE tiny")
    owner.dispose()


def test_a_full_disk_refuses_whole_batches_until_there_is_room(bank, tiny_disk):
    writer, accepted, refusals = BookWriter(bank.engine, bank.book_id), 0, []

    for batch in range(20):
        orders = [bank.order(f"fill-{batch}-{n}", 0, tags="x" * 500) for n in range(2_000)]
        try:
            accepted += len(writer.post(orders))
        except Unavailable as refusal:
            refusals.append(str(refusal))
            break
    position = look(bank, 0)
    subprocess.run(["mount", "-o", "remount,size=64m", tiny_disk], check=True)
    outcomes = writer.post(orders)

    assert "No space left on device" in refusals[0]
    assert accepted > 0
    assert [outcome.seq for outcome in outcomes] == list(range(position + 1, position + 2_001))
    assert_sound(bank)


def test_a_poisoned_request_fails_alone_and_those_beside_it_are_posted(bank):
    """PostgreSQL takes no NUL in a text, so that such an order makes the store fail."""
    committer = Committer(bank.engine, bank.book_id)
    poison = bank.order("poison", tags="\0")
    with ThreadPoolExecutor(1) as thread:
        with head_locked(bank):
            first = committer.submit([bank.order("first")])
            others = [committer.submit([bank.order(f"t{n}"), bank.order(f"u{n}")]) for n in range(5)]
            poisoned = committer.submit([bank.order("beside"), poison])
            last = thread.submit(lambda: committer.submit([bank.order("last")]).result(30))

        assert [len(answer.result(30)) for answer in (first, *others)] == [1] + [2] * 5
        with pytest.raises(NotStorable, match="sending it again does not help"):
            poisoned.result(30)
        assert last.result(30)[0].result is Result.CREATED
    committer.close()

    writer = BookWriter(bank.engine, bank.book_id)
    results = [outcome.result for outcome in writer.post([bank.order("beside"), bank.order("t0"), bank.order("last")])]
    assert results == [Result.CREATED, Result.EXISTS, Result.EXISTS]
    assert_sound(bank)


def test_callers_of_a_committer_whose_store_fails_may_send_again(bank, database_url):
    committer = Committer(bank.engine, bank.book_id)
    with head_locked(bank):
        answers = [committer.submit([bank.order(f"t{n}")]) for n in range(5)]
        terminate(database_url, wait_for_lock(database_url))
        with pytest.raises(Unavailable, match="send the same orders again"):
            answers[0].result(30)

    results = {committer.submit([bank.order(f"t{n}")]).result(30)[0].result for n in range(5)}
    committer.close()

    assert results <= {Result.CREATED, Result.EXISTS}
    assert Result.CREATED in results
    assert_sound(bank)
