"""Tags: words by which a partner finds a transfer; their format, and the projection that indexes them."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from ledger.book.judging.judge import Verdict
from ledger.book.posting.facts import Numbers, partner_no_of
from ledger.book.posting.queries import Driver
from ledger.book.records.transfers import TransferTag
from ledger.kernel.copies import copy_tuples
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId
from ledger.kernel.tuples import encoder

TAGS_MAX: Final = 10
"""Maximum number of tags of a transfer."""

_TAG: Final = re.compile(r"[a-z0-9_-]{1,40}")


def tags_text(words: Sequence[str]) -> str | None:
    """Return the tags of an order as stored: distinct, in order, separated by blanks; None if there are none.

    Raises `InvalidInput`.
    """
    wrong = next((word for word in words if not _TAG.fullmatch(word)), None)
    if wrong is not None:
        raise InvalidInput(f"{wrong!r} is not a tag; write 1 to 40 of a-z, 0-9, _ and -")
    tags = tuple(dict.fromkeys(words))
    if len(tags) > TAGS_MAX:
        raise InvalidInput(f"a transfer has {TAGS_MAX} tags at most, not {len(tags)}")
    return " ".join(tags) or None


def project_tags(
    connection: Driver, book_id: BookId, written: Sequence[Verdict], positions: Sequence[int], *, numbers: Numbers
) -> None:
    """Index the tags of the transfers that a batch accepted."""
    tagged = (
        (partner_no_of(verdict.order, verdict.effect, numbers), verdict.order.tags, seq)
        for verdict, seq in zip(written, positions, strict=True)
        if verdict.effect is not None and verdict.order.tags is not None
    )
    copy_tags(connection, book_id, tagged)


def copy_tags(connection: Driver, book_id: BookId, tagged: Iterable[tuple[int, str, int]]) -> None:
    """Index tags, each given with the partner's number and the position of its transfer."""
    encode = encoder(TransferTag)
    rows = [
        encode((book_id, partner_no, tag, seq))[0]
        for partner_no, tags, seq in tagged
        for tag in dict.fromkeys(tags.split())
    ]
    if rows:
        copy_tuples(connection, TransferTag, rows)
