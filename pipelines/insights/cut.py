"""Cuts: the pinned files of one book that a release reads, all at one journal position."""

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
    """The files at the book's newest watermark; None where nothing has been streamed."""
    mark = watermark(lake, book.name)
    return None if mark is None else _pinned(lake, book, mark)


def pinned_book(engine: sa.Engine, lake: Lake, book: Book) -> BronzeFiles | None:
    """The files at a watermark that holds all that the journal held when this was asked; None in an empty journal.

    Streams what is missing, or waits for the worker that does. What is released stands for ever, and no engine that
    reads the files tells a flipped bit: each is held against its digest first. Raises `DamagedLake` for one that is not
    as it was written, `Unavailable` when the worker stands still.
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
