"""The input of a release: the pinned files of one book, all at one journal position."""

from typing import Final

import sqlalchemy as sa

from lake.bronze.read import Watermark, files, watermark
from lake.delta.damage import first_damage
from lake.errors import DamagedLake
from lake.privacy.contributions import BronzeFiles
from lake.tables import Lake
from ledger.book.records.accounts import Account
from ledger.book.records.transfers import Transfer
from ledger.kernel.errors import require
from ledger.tenancy.records import Book, Customer, Partner
from pipelines.stream.worker import stream_once

_READ: Final = (Transfer, Account, Customer, Partner)


def newest_cut(lake: Lake, book: Book) -> BronzeFiles | None:
    """Return the files at the book's newest watermark; None if nothing has been streamed."""
    mark = watermark(lake, book.name)
    return None if mark is None else _pinned(lake, book, mark)


def pinned_book(engine: sa.Engine, lake: Lake, book: Book) -> BronzeFiles | None:
    """Return the files at a watermark that covers the journal as of the call; None if the journal is empty.

    Streams the missing facts, or waits for the worker that streams them. A release is permanent, and query engines do
    not notice a flipped bit, so each file's digest is verified first. Raises `DamagedLake` if one differs,
    `Unavailable` if the worker makes no progress.
    """
    streamed = stream_once(engine, lake, book)
    for record in _READ:
        if damage := first_damage(lake, book.name, record):
            raise DamagedLake(damage)
    cut = newest_cut(lake, book)
    require(cut is None or cut.as_of_seq >= streamed.seq, "a watermark never moves back")
    return cut


def _pinned(lake: Lake, book: Book, mark: Watermark) -> BronzeFiles:
    transfers, accounts, customers, partners = (files(lake, book.name, record, mark) for record in _READ)
    return BronzeFiles(mark.seq, transfers, accounts, customers, partners)
