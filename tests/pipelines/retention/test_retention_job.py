"""The nightly job: it finishes a forgetting that a killed process left between the fact and the key."""

import os
import signal
import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from ledger.kernel.engines import create_engine
from ledger.kernel.ids import BookId
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin, read
from ledger.personal_data.customers import CustomerOrder, register_customers
from ledger.personal_data.erasure import Eraser, forget
from ledger.personal_data.subjects import customer_subject
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import CustomerId, Vertical
from ledger.vault.records import SubjectId
from ledger.vault.vault import Vault
from pipelines.retention.jobs import retention
from tests import warm
from tests.conftest import KEYRINGS

ROOT = Path(__file__).parents[3]


class DeadlyVault(Vault):
    """A vault whose process is killed before a key is destroyed."""

    def forget(self, book_id: BookId, subject_ids: Collection[SubjectId]) -> list[SubjectId]:
        os.kill(os.getpid(), signal.SIGKILL)
        return super().forget(book_id, subject_ids)


@pytest.fixture
def anna(engine: sa.Engine, vault: Vault) -> CustomerId:
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="test", jurisdiction="US", currency="USD")
        shop = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]
        order = CustomerOrder(shop, None, "anna@example.org")
        (customer_id,) = register_customers(work, vault, book_id, [order]).values()
    return customer_id


def test_a_process_that_is_killed_between_fact_and_key_is_finished_by_the_nightly_job(
    engine: sa.Engine, database_url: str, settings: Settings, anna: CustomerId
) -> None:
    child = warm.python(Path(__file__), database_url, anna.hex)
    left = _stands(engine, anna)

    result = retention.execute_in_process(resources={"settings": settings}, raise_on_error=False)

    assert child.returncode == -signal.SIGKILL
    assert left == (1, True)
    assert result.success
    assert _stands(engine, anna) == (1, False)


def test_a_server_that_is_away_fails_the_job_and_the_others_are_done(
    engine: sa.Engine, vault: Vault, settings: Settings, anna: CustomerId
) -> None:
    with read(engine) as reader:
        subject = customer_subject(reader, BookId(1), anna)
    forget(Eraser(engine, vault, "operator"), subject, reason="asked")
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE subject_keys SET wrapped_key = '\\x00', forgotten_at = NULL WHERE book_id = 1")
        )
    split = replace(settings, book_urls={"away": "postgresql://postgres@127.0.0.1:1/nowhere"})

    result = retention.execute_in_process(resources={"settings": split}, raise_on_error=False)

    assert not result.success
    assert _stands(engine, anna) == (1, False)


def _stands(engine: sa.Engine, customer_id: CustomerId) -> tuple[int, bool]:
    """How many facts say that the customer is forgotten, and whether its key stands."""
    with engine.connect() as connection:
        facts = connection.execute(sa.text("SELECT count(*) FROM forgettings")).scalar_one()
        key = sa.text("SELECT wrapped_key IS NOT NULL FROM subject_keys WHERE subject_id = :id")
        return int(facts), bool(connection.execute(key, {"id": customer_id}).scalar_one())


def _forget_and_die(database_url: str, customer_id: CustomerId) -> None:
    engine = create_engine(database_url)
    with read(engine) as reader:
        subject = customer_subject(reader, BookId(1), customer_id)
    forget(Eraser(engine, DeadlyVault(engine, KEYRINGS), "operator"), subject, reason="asked")


if __name__ == "__main__":
    _forget_and_die(sys.argv[1], CustomerId(UUID(sys.argv[2])))
