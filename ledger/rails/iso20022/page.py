"""The guide's page about ISO 20022, made from the declarations of the messages and reasons."""

from collections.abc import Iterator

from ledger.rails.failures import FAILURES, MAY_RETRY
from ledger.rails.iso20022.definitions import FORMS, MessageForm
from ledger.rails.iso20022.fields import Field
from ledger.rails.iso20022.reasons import AS_OF, codes_of_reasons

_HEAD = """# Messages of ISO 20022

Made from the declarations in `ledger/rails/iso20022` by `make generated`. How the messages are checked stands in
[bank statements and payment messages](payment_messages.md).

Each message becomes one typed value, in which names, accounts and free texts are left out of what is printed; the raw
message stays beside it. A field has one declaration for reading and for writing, so that what is written reads back as
the same value. One message carries one transaction. A message of another definition is read as far as its envelope.

Where RTP and FedNow have a field in two places, both are read, and each network's own place is written.
"""


def iso20022_page() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD, *_messages(), *_fields(), *_failures()])


def _messages() -> Iterator[str]:
    yield "## Messages"
    yield "| message | value | versions read | written | RTP | FedNow |"
    yield "|---|---|---|---|---|---|"
    for form in FORMS.values():
        versions = f"{form.versions[0]:02d} to {form.versions[-1]:02d}"
        wrappers = " | ".join(f"`{each}`" if each else "" for each in (form.rtp_wrapper, form.fednow_wrapper))
        value = f"`{form.value.__name__}`"
        yield f"| {form.definition} `{form.root}` | {value} | {versions} | {form.version:02d} | {wrappers} |"
    yield ""


def _fields() -> Iterator[str]:
    for form in FORMS.values():
        yield f"## {form.definition}: {_sentence(form)}"
        yield "| field | path | kind | required |"
        yield "|---|---|---|---|"
        for each in form.fields:
            yield f"| {_name(each)} | {_path(each)} | {_kind(each)} | {'yes' if each.is_required else ''} |"
        yield ""


def _sentence(form: MessageForm) -> str:
    first = (form.value.__doc__ or "").partition("\n")[0].partition(": ")[2]
    return first.rstrip(".").partition(".")[0]


def _name(field: Field) -> str:
    return f"`{field.name}`" if field.name else ""


def _path(field: Field) -> str:
    return f"`{field.path}`" + (f" ({field.network.value})" if field.network else "")


def _kind(field: Field) -> str:
    if field.fixed:
        return f"always {field.fixed}"
    return f"{', '.join(sorted(field.codes))}" if field.codes else field.kind.value


def _failures() -> Iterator[str]:
    yield "## Failures"
    yield f"One taxonomy for all rails. The codes of ISO 20022 were held against its code sets on {AS_OF}."
    yield "Every other code is `unspecified`, and the raw code stays beside it."
    yield ""
    yield "| failure | meaning | may be sent again | codes of ISO 20022 |"
    yield "|---|---|---|---|"
    codes = codes_of_reasons()
    for failure, sentence in FAILURES.items():
        again = "yes" if failure in MAY_RETRY else ""
        yield f"| `{failure.value}` | {sentence} | {again} | {' '.join(codes.get(failure, ()))} |"
    yield ""
