"""Rules of one entry in its batch: its code, direction, amount, check digit, trace number and addenda."""

from collections.abc import Callable, Iterator
from typing import Final

from ledger.rails.ach.addenda_layouts import ADDENDA_LAYOUTS
from ledger.rails.ach.change_codes import CHANGE_CODES, REFUSED_CHANGE_CODES
from ledger.rails.ach.entries import Entry
from ledger.rails.ach.entry_classes import EntryClass
from ledger.rails.ach.errors import Fault
from ledger.rails.ach.records import Record
from ledger.rails.ach.return_codes import RETURN_CODES
from ledger.rails.ach.routing_numbers import check_digit
from ledger.rails.ach.transaction_codes import TRANSACTION_CODES, Use

CREDITS, DEBITS, MIXED, ADVICES = 220, 225, 200, 280
"""The service class codes: what a batch may have."""

REVERSAL: Final = "REVERSAL"
"""The company entry description of a batch that undoes another (Nacha Operating Rules, Subsection 2.10.1)."""

_REMITTANCE_CLASSES: Final = frozenset({"CCD", "CTX", "IAT", "ACK", "ATX"})
_IAT_ONCE: Final = ("10", "11", "12", "13", "14", "15", "16")
_IAT_MAX: Final = {"17": 2, "18": 5}
_PREFIX, _SUFFIX = slice(0, 8), slice(8, 15)

Rule = Callable[[Record, EntryClass, Entry], Iterator[Fault]]
"""A rule: of the batch header, its class and an entry, the faults."""


def entry_faults(header: Record, kind: EntryClass, entry: Entry) -> list[Fault]:
    """Find every rule that an entry breaks by itself, in a batch of its class."""
    if entry.detail.number("transaction_code") not in TRANSACTION_CODES:
        return [entry.detail.fault("transaction_code", "a transaction code that exists")]
    return [fault for rule in _RULES for fault in rule(header, kind, entry)]


def _direction(header: Record, kind: EntryClass, entry: Entry) -> Iterator[Fault]:
    code = TRANSACTION_CODES[entry.detail.number("transaction_code")]
    service = header.number("service_class_code")
    if (code.use is Use.ADVICE) != (kind.code == "ADV"):
        says = "a code from 81 to 88" if kind.code == "ADV" else "no code of an accounting advice"
        yield entry.detail.fault("transaction_code", f"{says} in a batch of class {kind.code}")
    elif service in {CREDITS, DEBITS} and code.is_credit != (service == CREDITS):
        says = "a credit" if service == CREDITS else "a debit"
        yield entry.detail.fault("transaction_code", f"{says} in a batch of service class {service}")
    elif not (kind.credits if code.is_credit else kind.debits) and not _is_exempt(header, entry):
        yield entry.detail.fault("transaction_code", f"a {'credit' if kind.credits else 'debit'} in class {kind.code}")
    elif code.use is Use.REMITTANCE and kind.code not in _REMITTANCE_CLASSES and not _is_answer(entry):
        yield entry.detail.fault("transaction_code", f"a code that class {kind.code} may use")


def _amount(_header: Record, kind: EntryClass, entry: Entry) -> Iterator[Fault]:
    amount_minor = entry.detail.number("amount_minor")
    use = TRANSACTION_CODES[entry.detail.number("transaction_code")].use
    is_zero = use in {Use.PRENOTE, Use.REMITTANCE} or kind.without_money or entry.changed is not None
    if entry.returned is not None and entry.changed is None:
        return  # a return states what it returns, a prenotification included
    if is_zero and amount_minor:
        yield entry.detail.fault("amount_minor", "zero: it moves no money")
    elif not is_zero and not amount_minor:
        yield entry.detail.fault("amount_minor", "more than zero, unless it is a prenotification")
    elif kind.amount_max_minor is not None and amount_minor > kind.amount_max_minor:
        yield entry.detail.fault("amount_minor", f"at most {kind.amount_max_minor} cents in class {kind.code}")


def _check_digit(_header: Record, _kind: EntryClass, entry: Entry) -> Iterator[Fault]:
    right = check_digit(entry.detail.text("rdfi_identification"))
    if entry.detail.number("check_digit") != right:
        yield entry.detail.fault(
            "check_digit", f"{right}, which completes routing number {entry.detail.text('rdfi_identification')}"
        )


def _trace_number(header: Record, _kind: EntryClass, entry: Entry) -> Iterator[Fault]:
    odfi = header.text("odfi_identification")
    if entry.detail.has("trace_number") and entry.detail.text("trace_number")[_PREFIX] != odfi:
        yield entry.detail.fault("trace_number", f"{odfi}, the originating bank of the batch, in front")


def _addenda_indicator(_header: Record, _kind: EntryClass, entry: Entry) -> Iterator[Fault]:
    if entry.detail.number("addenda_indicator") != bool(entry.addenda):
        yield entry.detail.fault("addenda_indicator", "1, as addenda follow" if entry.addenda else "0, as none follows")


def _addenda_count(_header: Record, kind: EntryClass, entry: Entry) -> Iterator[Fault]:
    if not entry.detail.has("addenda_count") or _is_answer(entry):
        return
    counts = {len(entry.addenda), len(_IAT_ONCE)} if kind.code == "IAT" else {len(entry.addenda)}
    if entry.detail.number("addenda_count") not in counts:
        yield entry.detail.fault("addenda_count", f"{len(entry.addenda)}, as so many follow")


def _addenda_kinds(_header: Record, kind: EntryClass, entry: Entry) -> Iterator[Fault]:
    """Hold that the addenda are those of the class; an answer has its own as well."""
    own = [_type(each) for each in entry.addenda if _type(each) not in {"98", "99"}]
    if kind.code == "IAT":
        yield from _iat_kinds(entry, own)
        return
    answers = len(entry.addenda) - len(own)
    least, most = (0, max(kind.addenda_max, 1)) if _is_answer(entry) else (kind.addenda_min, kind.addenda_max)
    has = answers if kind.addenda == "98" else len(own)
    wanted = (
        "no addenda" if not kind.addenda_max else f"addenda {kind.addenda}, {kind.addenda_min} to {kind.addenda_max}"
    )
    if any(each != kind.addenda for each in own) or not least <= has <= most or answers > 1:
        first = next((each for each in entry.addenda if _type(each) != kind.addenda), entry.detail)
        name = "addenda_indicator" if first is entry.detail else "addenda_type_code"
        yield first.fault(name, f"{wanted}, in class {kind.code}")


def _iat_kinds(entry: Entry, own: list[str]) -> Iterator[Fault]:
    if entry.returned is not None and tuple(own) == ():
        return  # a dishonored return may leave them out
    if tuple(own[: len(_IAT_ONCE)]) != _IAT_ONCE:
        yield entry.detail.fault(
            "addenda_indicator", f"addenda {', '.join(_IAT_ONCE)} behind it, each once, in this order"
        )
        return
    rest = own[len(_IAT_ONCE) :]
    if rest != sorted(rest) or any(rest.count(each) > _IAT_MAX.get(each, 0) for each in rest):
        yield entry.detail.fault("addenda_indicator", "then at most 2 addenda 17, and at most 5 addenda 18")


def _addenda_order(_header: Record, _kind: EntryClass, entry: Entry) -> Iterator[Fault]:
    """Hold that each addenda names its entry, and that those that are counted are counted from 1."""
    trace = entry.detail.text("trace_number") if entry.detail.has("trace_number") else ""
    counted: dict[str, int] = {}
    for each in entry.addenda:
        if each.has("entry_sequence_number") and each.text("entry_sequence_number") != trace[_SUFFIX]:
            yield each.fault("entry_sequence_number", f"{trace[_SUFFIX]}, the last digits of the entry's trace number")
        if each.has("sequence_number"):
            counted[_type(each)] = counted.get(_type(each), 0) + 1
            if each.number("sequence_number") != counted[_type(each)]:
                yield each.fault("sequence_number", f"{counted[_type(each)]:04}, counted from 0001 for each entry")
        if each.layout is ADDENDA_LAYOUTS["02"] and each.text("trace_number") != trace:
            yield each.fault("trace_number", f"{trace}, that of its entry")


def _reasons(_header: Record, kind: EntryClass, entry: Entry) -> Iterator[Fault]:
    for each in entry.addenda:
        if each.has("return_code"):
            code = RETURN_CODES.get(each.text("return_code"))
            if code is None:
                yield each.fault("return_code", "a return reason code that exists")
            elif code.classes and kind.code not in code.classes:
                yield each.fault("return_code", f"no code that is for {' and '.join(code.classes)} alone")
        if each.has("change_code") and each.text("change_code") not in CHANGE_CODES:
            yield each.fault("change_code", "a change code that exists")
        if each.has("refused_change_code") and each.text("refused_change_code") not in REFUSED_CHANGE_CODES:
            yield each.fault("refused_change_code", "a code that refuses a change, from C61 to C69")


def _is_answer(entry: Entry) -> bool:
    """Return whether it is a return or a notification of change, for which the forward entry's rules do not count."""
    return entry.returned is not None or entry.changed is not None


def _is_exempt(header: Record, entry: Entry) -> bool:
    return _is_answer(entry) or header.text("company_entry_description").upper() == REVERSAL


def _type(addenda: Record) -> str:
    return addenda.layout.fields[1].choices[0]


_RULES: Final[tuple[Rule, ...]] = (
    _direction,
    _amount,
    _check_digit,
    _trace_number,
    _addenda_indicator,
    _addenda_count,
    _addenda_kinds,
    _addenda_order,
    _reasons,
)
