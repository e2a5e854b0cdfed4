"""API keys on the command line: named by their text or their id, and changed on the server that knows them."""

from collections.abc import Callable
from typing import TypeVar

from cofferdam.session import Session
from ledger.kernel.errors import NotFound, Unavailable
from ledger.kernel.work import Work, begin
from ledger.public_ids import parse_public
from ledger.tenancy.api_keys import key_id_of
from ledger.tenancy.directory import reaching
from ledger.tenancy.records import ApiKeyId

_Result = TypeVar("_Result")


def key_named(text: str) -> ApiKeyId:
    """Return the id of a key by its text or its id `key_018f…`. Raises `InvalidInput`, without the text of a key."""
    return ApiKeyId(parse_public("api_key", text)) if text.startswith("key_") else key_id_of(text)


def change_key(home: Session, key_id: ApiKeyId, change: Callable[[Work, ApiKeyId], _Result | None]) -> _Result:
    """Change a key on the server that knows it; `change` returns None where it is unknown.

    Raises `NotFound`, or `Unavailable` if a server does not answer.
    """
    away = []
    for server in home.directory.servers():
        try:
            with reaching(server.name), begin(server.engine, actor=home.actor) as work:
                if (result := change(work, key_id)) is not None:
                    return result
        except Unavailable as refusal:
            away.append(str(refusal))
    if away:
        raise Unavailable(f"none of the servers that answer knows this key, and {'; '.join(away)}")
    raise NotFound("no working key has this id; it was already revoked, or belongs to another installation")
