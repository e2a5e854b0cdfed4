"""The whole book, built once: whoever changes it does so in a transaction that is rolled back, or on a copy."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
import sqlalchemy as sa

from ledger.kernel.engines import create_engine
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS
from tests.ledger.book.conftest import Ledger
from tests.pipelines.verification.whole_book import build_whole_book

WHOLE = "whole_book"


@pytest.fixture(scope="session")
def whole_book(server: str) -> Iterator[Ledger]:
    with database(server, WHOLE, template="template") as url:
        engine = create_engine(url)
        yield build_whole_book(engine, Vault(engine, KEYRINGS))
        engine.dispose()


@contextmanager
def database(server: str, name: str, *, template: str) -> Iterator[str]:
    """A copy of a database for as long as the block lasts; nobody may be connected to what is copied."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
