"""Delivery into an object store: an object is there whole or not at all; the signature comes last."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from ledger.exports.records import ExportDestination
from pipelines.exports.transports.deliverable import Deliverable, DeliveryFault

_BLOCK: Final = 1 << 20


def deliver(deliverable: Deliverable, to: ExportDestination, credential: str | None) -> str:
    """Deliver a deliverable, and return the receipt. Raises `DeliveryFault`.

    The address may state `?region=` and `?endpoint=`; the credential is an access key and its secret, with a colon
    between them.
    """
    try:
        store, prefix = _opened(to.address, credential)
        for name in deliverable.digests:
            obstore.put(store, f"{prefix}{deliverable.name}/{name}", deliverable.folder / name)
        return deliverable.require_same(lambda name: _blocks(store, f"{prefix}{deliverable.name}/{name}"))
    except (PermissionDeniedError, UnauthenticatedError) as fault:
        raise DeliveryFault(f"the store refuses the credential: {_line(fault)}", is_final=True) from fault
    except (BaseError, OSError) as fault:
        raise DeliveryFault(_line(fault)) from fault


def _opened(address: str, credential: str | None) -> tuple[S3Store, str]:
    parts = urlsplit(address)
    said = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    key, _, secret = (credential or "").partition(":")
    endpoint = said.get("endpoint")
    store = S3Store(
        parts.netloc,
        region=said.get("region", "us-east-1"),
        endpoint=endpoint,
        access_key_id=key or None,
        secret_access_key=secret or None,
        client_options={"allow_http": (endpoint or "").startswith("http://")},
        retry_config={"max_retries": 2},
    )
    prefix = parts.path.strip("/")
    return store, f"{prefix}/" if prefix else ""


def _blocks(store: S3Store, key: str) -> Iterator[bytes]:
    for block in obstore.get(store, key).stream(min_chunk_size=_BLOCK):
        yield bytes(block)


def _line(fault: BaseException) -> str:
    return " ".join(str(fault).split())[:300]
