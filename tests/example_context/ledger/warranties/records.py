"""Records of warranties: what a partner promised to a buyer, and for how long."""

from typing import Annotated, NewType
from uuid import UUID

from ledger.book.records.accounts import AccountId
from ledger.kernel.constraints import Check, Refers, Unique
from ledger.kernel.ids import PartnerId
from ledger.kernel.record import Col, Fact, record

WarrantyId = NewType("WarrantyId", UUID)


@record
class Warranty(Fact):
    """A promise of a partner to mend what was bought from an account."""

    TABLE = "warranties"
    PUBLIC_IDS = (("warranty", "war"),)
    STAGED = "given"
    CONSTRAINTS = (
        Refers(("book_id", "partner_id"), "partners"),
        Unique(("book_id", "warranty_id")),
        Check("months", "months > 0"),
    )
    warranty_id: Annotated[WarrantyId, Col("Id of the warranty.")]
    partner_id: Annotated[PartnerId, Col("The partner that gives it.")]
    account_id: Annotated[AccountId, Col("The account that was paid from.")]
    months: Annotated[int, Col("For how many months.", bits=32)]
    actor: Annotated[str, Col("Who gave it.", staged=False)]
