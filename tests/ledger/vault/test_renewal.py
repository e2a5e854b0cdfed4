"""A renewal makes every copy of a forgotten key worthless, and loses nobody else's: not by a kill nor by writers."""

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

import ledger.vault.generations
import ledger.vault.keyring
import ledger.vault.renewal
from ledger.kernel.engines import create_engine
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.secret_files import read_secrets
from ledger.vault.keyring import Keyring
from ledger.vault.records import SubjectId
from ledger.vault.sealing import PersonalValue, subject_of
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS
from tests.warm import python

BOOK = BookId(1)
SHOP = PartnerId(derived_id("shop"))
ROOT = Path(__file__).parents[3]
NEW_KEY = bytes(range(32, 64))


def _value(text):
    return PersonalValue(SHOP, "transfers.counterparty", text)


def _rows(engine):
    with engine.connect() as connection:
        keys = connection.execute(sa.text("SELECT book_id, subject_id, wrapped_key FROM subject_keys")).all()
        tokens = connection.execute(sa.text("SELECT token FROM subject_names")).scalars().all()
    return keys, tokens


def _openable(vault, copied):
    """Whose keys, of those in a copy of the tables, the keyring opens as it is now."""
    generations = vault.keyring().open().generations.values()
    keys, _ = copied
    return {
        row.subject_id
        for row in keys
        for each in generations
        if row.wrapped_key is not None and each.unwrapped(row.book_id, SubjectId(row.subject_id), row.wrapped_key)
    }


def _generations(engine):
    with engine.connect() as connection:
        query = "SELECT generation, destroyed_at IS NOT NULL FROM key_generations ORDER BY 1"
        return [tuple(row) for row in connection.execute(sa.text(query))]


def test_after_a_renewal_no_copy_of_the_tables_opens_and_all_others_are_read_as_before(engine, vault):
    ben, ann = vault.seal(BOOK, [_value("Ben"), _value("Ann")])
    copied = _rows(engine)
    assert _openable(vault, copied) == {subject_of(ben), subject_of(ann)}

    vault.forget(BOOK, [subject_of(ben)])
    assert subject_of(ben) in _openable(vault, copied), "the copy opens as long as the generation stands"
    assert vault.renew()

    assert _openable(vault, copied) == set()
    assert not set(copied[1]) & set(_rows(engine)[1]), "no token of the copy says who was who"
    for each in (vault, Vault(engine, KEYRINGS)):
        assert each.open_sealed(BOOK, [_value(ben), _value(ann)]) == [None, "Ann"]
        assert each.find(BOOK, _value("Ann")) == ann
        assert each.find(BOOK, _value("Ben")) is None
    assert _generations(engine) == [(1, True), (2, False)]


def test_without_anybody_forgotten_a_renewal_changes_nothing(engine, vault):
    vault.seal(BOOK, [_value("Ben")])
    before = _rows(engine)

    assert not vault.renew()
    assert not Vault(engine, KEYRINGS).renew()

    assert _rows(engine) == before
    assert _generations(engine) == [(1, False)]


def test_a_process_with_the_older_key_in_memory_reads_seals_and_finds_on(engine, vault):
    ben, ann = vault.seal(BOOK, [_value("Ben"), _value("Ann")])
    other = Vault(engine, KEYRINGS)
    other.seal(BOOK, [_value("Cy")])

    vault.forget(BOOK, [subject_of(ben)])
    vault.renew()

    assert other.find(BOOK, _value("Ann")) == ann
    assert other.open_sealed(BOOK, [_value(ann)]) == ["Ann"]
    (fresh,) = other.seal(BOOK, [_value("Dee")])
    assert vault.open_sealed(BOOK, [_value(fresh)]) == ["Dee"]


_STEPS = {
    "the key is on the ring": ("ledger.vault.generations", "begin", 1),
    "the generation is the newest": ("ledger.vault.renewal", "_finish", 1),
    "some rows are wrapped anew": ("ledger.vault.renewal", "_rewrap_some", 3),
    "all rows are": ("ledger.vault.renewal", "begin", 9),
    "the older one is given to be destroyed": ("ledger.vault.renewal", "_take_off", 1),
    "the file is about to be replaced": ("ledger.vault.keyring", "write_secrets", 2),
    "the replaced file is about to be overwritten": ("ledger.kernel.secret_files", "destroy_secrets", 6),
}
"""At which call of which function a process is killed."""


@pytest.mark.parametrize("step", _STEPS)
def test_a_renewal_that_is_killed_loses_no_living_subject_and_is_finished_by_the_next(
    engine, database_url, vault, step
):
    names = [f"side {number}" for number in range(30)]
    texts = vault.seal(BOOK, [_value(name) for name in names])
    copied = _rows(engine)
    vault.forget(BOOK, [subject_of(texts[0])])

    child = python(Path(__file__), database_url, step)
    assert child.returncode == -signal.SIGKILL, "it was to be killed on its way"

    wanted = [None, *names[1:]]
    meanwhile = Vault(engine, KEYRINGS)
    assert meanwhile.open_sealed(BOOK, [_value(text) for text in texts]) == wanted
    assert meanwhile.seal(BOOK, [_value(name) for name in names[1:]]) == texts[1:]
    Vault(engine, KEYRINGS).renew()
    assert _openable(vault, copied) == set()
    assert _generations(engine) == [(1, True), (2, False)]
    last = Vault(engine, KEYRINGS)
    assert last.open_sealed(BOOK, [_value(text) for text in texts]) == wanted
    assert last.seal(BOOK, [_value(name) for name in names[1:]]) == texts[1:]
    keyring = last.keyring()
    assert list(keyring.open().generations) == [2]
    kept = [path for path in keyring.file.parent.glob(f"{keyring.file.stem}*") if path.suffix != ".lock"]
    assert kept == [keyring.file]


def test_who_seals_and_reads_while_a_vault_is_renewed_meets_no_fault_and_one_subject_per_value(engine, vault):
    vault.seal(BOOK, [_value("first")])
    stop = threading.Event()

    def traffic(turn):
        mine, sealed = Vault(engine, KEYRINGS), {}
        for number in range(10_000):
            if stop.is_set():
                return sealed
            text = f"side {number}"
            (sealed[text],) = mine.seal(BOOK, [_value(text)])
            past = f"side {number * 7 // 8}"
            assert mine.open_sealed(BOOK, [_value(sealed[past])]) == [past], turn
        return sealed

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(traffic, turn) for turn in range(3)]
        try:
            renewer = Vault(engine, KEYRINGS)
            for number in range(8):
                (gone,) = renewer.seal(BOOK, [_value(f"gone {number}")])
                renewer.forget(BOOK, [subject_of(gone)])
                assert renewer.renew()
        finally:
            stop.set()
        told = [each.result() for each in running]

    final = Vault(engine, KEYRINGS)
    assert min(map(len, told)) > 5
    for sealed in told:
        assert final.open_sealed(BOOK, [_value(text) for text in sealed.values()]) == list(sealed)
        assert final.seal(BOOK, [_value(text) for text in sealed]) == list(sealed.values())
    assert _generations(engine) == [*((number, True) for number in range(1, 9)), (9, False)]


def test_who_forgets_while_a_generation_begins_waits_and_then_destroys_the_key(engine, vault):
    (ben,) = vault.seal(BOOK, [_value("Ben")])
    with vault.keyring().changed() as notify:
        following = notify.add(2)
    begins = (
        "UPDATE key_generations SET retired_at = now() WHERE retired_at IS NULL",
        "INSERT INTO key_generations SELECT 0, 2, keyring_id, :hash, now() FROM key_generations",
    )

    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as connection:
            for statement in begins:
                connection.execute(sa.text(statement), {"hash": following.key_hash})
            forgetting = pool.submit(Vault(engine, KEYRINGS).forget, BOOK, [subject_of(ben)])
            with pytest.raises(TimeoutError):
                forgetting.result(0.5)
        assert forgetting.result(10) == [subject_of(ben)]

    vault.renew()
    assert Vault(engine, KEYRINGS).open_sealed(BOOK, [_value(ben)]) == [None]
    assert _generations(engine) == [(1, True), (2, True), (3, False)]


def test_two_who_renew_at_once_take_turns(engine, vault):
    texts = vault.seal(BOOK, [_value(f"side {number}") for number in range(200)])

    def forget(number):
        mine = Vault(engine, KEYRINGS)
        mine.forget(BOOK, [subject_of(texts[number])])
        mine.renew()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(forget, range(8)))

    found = Vault(engine, KEYRINGS).open_sealed(BOOK, [_value(text) for text in texts])
    assert found == [None] * 8 + [f"side {number}" for number in range(8, 200)]


def test_an_older_copy_of_a_keyring_is_refused_and_says_what_would_be_right(engine, vault, tmp_path):
    (ben,) = vault.seal(BOOK, [_value("Ben")])
    copied = KEYRINGS._replace(folder=tmp_path)
    (tmp_path / vault.keyring().file.name).write_text(vault.keyring().file.read_text())
    vault.renew(at_least_once=True)

    with pytest.raises(InvalidInput, match="lacks generation 2"):
        Vault(engine, copied).open_sealed(BOOK, [_value(ben)])
    with pytest.raises(InvalidInput, match="lacks generation 2"):
        Vault(engine, copied).renew(at_least_once=True)
    with pytest.raises(InvalidInput, match="COFFERDAM_VAULT_KEYRING"):
        Vault(engine, KEYRINGS._replace(folder=tmp_path / "none")).open_sealed(BOOK, [_value(ben)])
    assert vault.open_sealed(BOOK, [_value(ben)]) == ["Ben"]


def test_a_second_vault_key_opens_then_the_first_is_retired_and_names_and_ids_stay(engine, vault):
    (ben,) = vault.seal(BOOK, [_value("Ben")])
    account = vault.derived_id("account", "DE89")
    first = vault.keyring()
    second = Keyring(KEYRINGS._replace(vault_keys=lambda: [NEW_KEY]), first.keyring_id)
    copied = first.file.read_text()

    with pytest.raises(InvalidInput, match="another vault key"):
        second.open()
    first.admit(NEW_KEY)
    assert [notify.holders for notify in (first.open(), second.open())] == [2, 2]
    assert second.retire_others(NEW_KEY) == 1

    with pytest.raises(InvalidInput, match="another vault key"):
        first.open()
    fresh = Vault(engine, second.where)
    assert fresh.open_sealed(BOOK, [_value(ben)]) == ["Ben"]
    assert fresh.find(BOOK, _value("Ben")) == ben
    assert fresh.derived_id("account", "DE89") == account
    assert read_secrets(first.file)["content"] not in copied, "a new key of the ring wraps all of it anew"


def _die(url, step):
    """Renew, and be killed at the step."""
    module, function, call = _STEPS[step]
    place, calls = sys.modules[module], []
    wrapped = getattr(place, function)

    def counted(*arguments, **options):
        calls.append(arguments)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return wrapped(*arguments, **options)

    setattr(place, function, counted)
    ledger.vault.renewal._BATCH = 10  # noqa: SLF001  # some thirty rows are to be several batches
    Vault(create_engine(url), KEYRINGS).renew()


if __name__ == "__main__":
    _die(*sys.argv[1:])
