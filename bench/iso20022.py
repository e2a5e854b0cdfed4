"""ISO 20022: a payment read by its rules as a typed value, and written again, beside lxml alone on the same bytes."""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Final

from lxml import etree

from bench.figures import Figure, Reference, figure
from ledger.kernel.money import Money
from ledger.rails.iso20022.envelopes import BusinessHeader, Network
from ledger.rails.iso20022.messages import read_message, write_message
from ledger.rails.iso20022.values import CreditTransfer

_ROUNDS: Final = 7
_TIMES: Final = 500
_AT: Final = datetime(2026, 11, 28, 17, 0, tzinfo=UTC)
_TRANSFER: Final = CreditTransfer(
    message_id="20261128111111111M000000001",
    created_at=_AT,
    amount=Money(1_234_50, "USD"),
    settled_on=date(2026, 11, 28),
    clearing_system="FDN",
    instruction_id="20261128111111111I000000001",
    end_to_end_id="INV-2026-00017",
    uetr="8a562c67-ca16-48ba-b074-65581be6f011",
    service_level="SDVA",
    local_instrument="FDNA",
    category_purpose="CONS",
    instructing_agent="111111111",
    instructed_agent="222222222",
    debtor_name="Anna Keller",
    debtor_account="000123456789",
    debtor_agent="111111111",
    creditor_agent="222222222",
    creditor_name="Harbor Goods Ltd",
    creditor_account="000987654321",
    remittance=("Invoice 17 of November, with thanks",),
)


def run(_server_url: str) -> Iterator[Figure]:
    """Read and write a pacs.008 in FedNow's envelope; lxml alone parses it, and serialises the parsed tree."""
    header = BusinessHeader(
        sender="111111111",
        receiver="222222222",
        message_id=_TRANSFER.message_id,
        definition="pacs.008.001.08",
        created_at=_AT,
        market_practice="frb.fednow.01",
    )
    content = write_message(_TRANSFER, Network.FEDNOW, header)
    tree = etree.fromstring(content)
    assert read_message(content).value == _TRANSFER
    read = _per_second(lambda: read_message(content))
    yield figure(
        f"read a pacs.008 of {len(content)} bytes as a value",
        read,
        "messages/s",
        Reference("lxml alone, parsed", _per_second(lambda: etree.fromstring(content))),
    )
    yield figure(
        "write it",
        _per_second(lambda: write_message(_TRANSFER, Network.FEDNOW, header)),
        "messages/s",
        Reference("lxml alone, serialised", _per_second(lambda: etree.tostring(tree))),
    )


def _per_second(once: Callable[[], object]) -> float:
    """Return the median of the rounds, by CPU time."""
    rounds = []
    for _ in range(_ROUNDS):
        started = time.process_time()
        for _ in range(_TIMES):
            once()
        rounds.append(_TIMES / (time.process_time() - started))
    return statistics.median(rounds)
