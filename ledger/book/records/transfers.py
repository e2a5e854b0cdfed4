"""Records of transfers with the resulting sums of both accounts, and of refused transfers."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, NewType
from uuid import UUID

from ledger.book.records.accounts import AccountId, AccountNo, Side
from ledger.journal.records import ActorNo
from ledger.kernel.constraints import Check, Index, Unique
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.record import Col, Fact, Record, record
from ledger.kernel.rights import Changes
from ledger.tenancy.records import PartnerNo

TransferId = NewType("TransferId", UUID)
GroupId = NewType("GroupId", UUID)


class Kind(StrEnum):
    """The operation of a transfer: it moves money, holds it, or ends a hold."""

    TRANSFER = "transfer"
    HOLD = "hold"
    POST = "post"
    VOID = "void"
    EXPIRY = "expiry"


BEGINS: Final = (Kind.TRANSFER, Kind.HOLD)
"""The kinds that begin something between two accounts; the others end a hold."""


class Balancing(StrEnum):
    """The side whose balance limits a balancing transfer: it moves its amount, or as much as that side allows."""

    DEBIT = "debit"
    CREDIT = "credit"
    BOTH = "both"


@record
class Transfer(Fact):
    """Money moved, held or released between two accounts, once, with the sums of both accounts after it.

    The columns that every transfer has come first, and need no length prefixes; absent values take no space at all.
    """

    TABLE = "transfers"
    PUBLIC_IDS = (("transfer", "trf"), ("group", "grp"))
    CONSTRAINTS = (
        # Columns that are looked up by many ids at once have the id first in their index, and the book as a plain
        # condition: without statistics PostgreSQL takes "of this book" to be more selective, and reads the whole book.
        Unique(("transfer_id", "book_id")),
        Check("amount", "amount_minor >= 0"),
        Check("sides", "debit_account_no <> credit_account_no"),
        # A hold is ended once: the store itself refuses a second end.
        Index(("book_id", "hold_seq"), "hold_seq IS NOT NULL", is_unique=True, name="transfers_book_id_hold_seq_key"),
        Index(("book_id", "debit_account_no", "seq")),
        Index(("book_id", "credit_account_no", "seq")),
        Index(("book_id", "partner_no", "seq")),
        # Transfers backdated across a day, by account: few rows, except in imported history.
        *(
            Index(
                ("book_id", f"{side}_account_no", "booked_on"),
                "booked_on < ((recorded_at AT TIME ZONE 'UTC')::date)",
                name=f"transfers_dated_back_{side}_idx",
            )
            for side in Side
        ),
        # A transfer is reversed once: the store itself refuses a second reversal.
        Index(
            ("book_id", "reverses_seq"),
            "reverses_seq IS NOT NULL",
            is_unique=True,
            name="transfers_book_id_reverses_seq_key",
        ),
        # Columns that partners search by; the position comes last, so that the newest are found without reading all.
        *(
            Index(
                ("book_id", "partner_no", searched, "seq"),
                f"{searched} IS NOT NULL",
                name=f"transfers_{searched}_idx",
            )
            for searched in ("external_ref", "counterparty")
        ),
        Index(("group_id", "book_id", "seq"), "group_id IS NOT NULL", name="transfers_group_id_idx"),
    )
    DAILY = "recorded_on"
    amount_minor: Annotated[int, Col("The amount moved, held or released, in minor units; zero or more.")]
    debit_account_debits_minor: Annotated[int, Col("Sum of the debit account's posted debits after it.")]
    debit_account_credits_minor: Annotated[int, Col("Sum of the debit account's posted credits after it.")]
    credit_account_debits_minor: Annotated[int, Col("Sum of the credit account's posted debits after it.")]
    credit_account_credits_minor: Annotated[int, Col("Sum of the credit account's posted credits after it.")]
    effective_at: Annotated[
        datetime, Col("The effective time that the partner states; never later than `recorded_at`.")
    ]
    debit_account_no: Annotated[AccountNo, Col("Number of the account that is debited.", bits=32)]
    credit_account_no: Annotated[AccountNo, Col("Number of the account that is credited.", bits=32)]
    partner_no: Annotated[PartnerNo, Col("Number of the partner that ordered it.", bits=32)]
    actor_no: Annotated[ActorNo, Col("Number of the actor who ordered it.", bits=32)]
    booked_on: Annotated[date, Col("The accounting date: the day of the book that it counts to.")]
    transfer_id: Annotated[TransferId, Col("Id of the transfer.")]
    kind: Annotated[
        Kind, Col("The operation: transfer and post move money; hold, void and expiry only reserve or release it.")
    ]
    currency: Annotated[str, Col("ISO 4217 code.")]
    code: Annotated[str, Col("The partner's code of its purpose, such as payment or fee.")]
    hold_seq: Annotated[int | None, Col("Position of the hold that it ends; null unless it ends one.")]
    expires_at: Annotated[datetime | None, Col("Of a hold: the instant at which it expires; null: never.")]
    debit_account_pending_debits_minor: Annotated[
        int | None, Col("Sum of the debit account's open holds as debits after it; null is zero.")
    ]
    debit_account_pending_credits_minor: Annotated[
        int | None, Col("Sum of the debit account's open holds as credits after it; null is zero.")
    ]
    credit_account_pending_debits_minor: Annotated[
        int | None, Col("Sum of the credit account's open holds as debits after it; null is zero.")
    ]
    credit_account_pending_credits_minor: Annotated[
        int | None, Col("Sum of the credit account's open holds as credits after it; null is zero.")
    ]
    group_id: Annotated[GroupId | None, Col("The group that it was accepted with; null if it has none.")]
    external_ref: Annotated[str | None, Col("The partner's own reference of it.")]
    counterparty: Annotated[
        str | None, Col("The partner's own reference of the other side, sealed under that subject's key.", pii=True)
    ]
    tags: Annotated[str | None, Col("Words of the partner's to find it by, in order, separated by blanks.")]
    balancing: Annotated[
        Balancing | None, Col("The side whose balance limited the amount; null if it moved all of it.")
    ]
    closes: Annotated[Side | None, Col("Of a hold: the side whose account is closed while it is open.")]
    rate: Annotated[str | None, Col("Exact rate of an exchange: credited over debited, as decimal or fraction.")]
    template: Annotated[str | None, Col("Name and version of the posting template that made it, `name@3`.")]
    reverses_seq: Annotated[int | None, Col("Position of the transfer that it reverses.")]
    is_forced: Annotated[bool | None, Col("True if the operator lifted the limits; null otherwise.")]
    is_imported: Annotated[bool | None, Col("True if it was judged by the rules of strict history; null otherwise.")]
    content_hash: Annotated[
        bytes | None,
        Col("SHA-256 of the order's content, if the columns do not have all of it; null otherwise.", withheld=True),
    ]


@record
class RefusedTransfer(Fact):
    """A transfer that the state of the book did not allow; its id stays refused."""

    TABLE = "refused_transfers"
    CONSTRAINTS = (Unique(("transfer_id", "book_id")),)
    transfer_id: Annotated[TransferId, Col("Id of the transfer that was ordered.")]
    partner_id: Annotated[PartnerId, Col("The partner that ordered it.")]
    actor_no: Annotated[ActorNo, Col("Number of the actor who ordered it.", bits=32)]
    result: Annotated[str, Col("The reason: a result code of the book, such as insufficient_funds.")]
    kind: Annotated[Kind, Col("The operation that was refused.")]
    hold_id: Annotated[TransferId | None, Col("The hold that it would have ended.")]
    debit_account_id: Annotated[AccountId, Col("The account that would have been debited; zero: the hold's.")]
    credit_account_id: Annotated[AccountId, Col("The account that would have been credited; zero: the hold's.")]
    amount_minor: Annotated[int, Col("The amount that was ordered, in minor units.")]
    currency: Annotated[str, Col("ISO 4217 code; empty: the hold's.")]
    code: Annotated[str, Col("The partner's code of its purpose; empty: the hold's.")]
    effective_at: Annotated[datetime, Col("The effective time that it would have had.")]
    external_ref: Annotated[str | None, Col("The partner's own reference of it.")]
    group_id: Annotated[GroupId | None, Col("The group that was refused with it; null if it has none.")]
    content_hash: Annotated[
        bytes | None,
        Col("SHA-256 of the order's content; null for refusals from before it was stored.", withheld=True),
    ]
    booked_on: Annotated[
        date | None, Col("The accounting date that it would have had; null in old rows: the UTC day of `effective_at`.")
    ]


@record
class OpenHold(Record):
    """A hold that nothing has ended yet: a projection that `verify` can rebuild."""

    TABLE = "open_holds"
    IN_LAKE = False
    CONSTRAINTS = (
        Index(("book_id", "expires_at", "seq"), where="expires_at IS NOT NULL"),
        Index(("book_id", "debit_account_no")),
        Index(("book_id", "credit_account_no")),
        Index(("book_id", "closed_account_no"), where="closed_account_no IS NOT NULL"),
    )
    CHANGES = Changes(deletes=True)
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    seq: Annotated[int, Col("Position of the hold.", key=True)]
    partner_no: Annotated[PartnerNo, Col("Number of the partner that ordered it.", bits=32)]
    expires_at: Annotated[datetime | None, Col("The instant at which it expires; null: never.")]
    debit_account_no: Annotated[AccountNo, Col("Number of the account that it would debit.", bits=32)]
    credit_account_no: Annotated[AccountNo, Col("Number of the account that it would credit.", bits=32)]
    closed_account_no: Annotated[AccountNo | None, Col("Number of the account that it closes.", bits=32)]


@record
class TransferTag(Record):
    """A tag of a transfer, to find it by: a projection that `verify` can rebuild."""

    TABLE = "transfer_tags"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    partner_no: Annotated[PartnerNo, Col("Number of the partner that ordered it.", key=True, bits=32)]
    tag: Annotated[str, Col("One word of its tags.", key=True)]
    seq: Annotated[int, Col("Position of the transfer.", key=True)]
