"""Columns of records and where the schema shows them: each is shown, renamed, or hidden for a reason."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from api.graphql import accounts, transfers
from ledger.kernel.record import Record
from ledger.records.accounts import Account
from ledger.records.insights import InsightCell, InsightRelease
from ledger.records.monitors import Monitor, MonitorEvent
from ledger.records.partners import Partner
from ledger.records.templates import PostingTemplate
from ledger.records.transfers import Transfer


class Shown(NamedTuple):
    """The types that show a record together; columns under another name, and those that are hidden, with the reason."""

    types: tuple[str, ...]
    renamed: Mapping[str, str]
    hidden: Mapping[str, str]


_BOOK: Final = "a key reaches one book, so that callers need not name it"
_OWN: Final = "it is always the caller, whom `me` shows"
_ACTOR: Final = "which key or operator did it is the operator's to see"
_OURS: Final = {"book_id": _BOOK, "partner_id": _OWN, "actor": _ACTOR}

SHOWN: Final[Mapping[type[Record], Shown]] = {
    Account: Shown(("Account",), accounts.SHOWN_AS, accounts.HIDDEN),
    Transfer: Shown(("Transfer",), transfers.SHOWN_AS, transfers.HIDDEN),
    Monitor: Shown(
        ("Monitor",),
        {"seq": "position", "monitor_id": "id"},
        {**_OURS, "recorded_at": "the position says where it began or has ended"},
    ),
    MonitorEvent: Shown(
        ("MonitorEvent",),
        {"seq": "position", "transfer_seq": "transfer_position"},
        {"book_id": _BOOK, "partner_id": _OWN},
    ),
    PostingTemplate: Shown(
        ("Template",), {"seq": "position", "template_id": "id", "recorded_at": "published_at"}, _OURS
    ),
    Partner: Shown(
        ("Partner",),
        {"partner_id": "id", "recorded_at": "registered_at"},
        {
            "book_id": _BOOK,
            "seq": "nothing that a partner changes comes before it",
            "partner_no": "the journal's own short form of the id",
            "actor": _ACTOR,
        },
    ),
    InsightRelease: Shown(
        ("Insight", "InsightRelease"),
        {
            "seq": "position",
            "recorded_at": "released_at",
            "release_id": "id",
            "as_of_seq": "as_of",
        },
        {"book_id": _BOOK, "charge_id": "what a release cost is shown with it, as rho, epsilon and delta"},
    ),
    InsightCell: Shown(
        ("InsightCell",),
        {"margin_95": "margin95"},
        {
            "book_id": _BOOK,
            "seq": "a release and its cells are shown together, at the position of the release",
            "recorded_at": "it is that of the release",
            "release_id": "cells are shown within their release",
        },
    ),
}
"""Every record that the schema shows, and how."""
