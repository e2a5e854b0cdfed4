"""Delivery over SFTP: to the host whose key was agreed, each file under a temporary name and then renamed."""

import asyncio
import hashlib
from typing import Final
from urllib.parse import unquote, urlsplit

import asyncssh

from ledger.exports.records import ExportDestination
from pipelines.exports.transports.deliverable import Deliverable, DeliveryFault

_SECONDS: Final = 30
_BLOCK: Final = 1 << 18


def deliver(deliverable: Deliverable, to: ExportDestination, credential: str | None) -> str:
    """Deliver a deliverable, and return the receipt. Raises `DeliveryFault`; a wrong host key is a final one."""
    try:
        return asyncio.run(_delivered(deliverable, to, credential or ""))
    except asyncssh.HostKeyNotVerifiable as fault:
        raise DeliveryFault(f"the server has another host key than was agreed: {fault}", is_final=True) from fault
    except asyncssh.KeyImportError as fault:
        raise DeliveryFault(f"a key cannot be read: {fault}; set the destination again", is_final=True) from fault
    except (asyncssh.Error, OSError, TimeoutError) as fault:
        raise DeliveryFault(f"{type(fault).__name__}: {' '.join(str(fault).split())[:300]}") from fault


async def _delivered(deliverable: Deliverable, to: ExportDestination, credential: str) -> str:
    parts = urlsplit(to.address)
    agreed = asyncssh.import_public_key(to.host_key or "")
    async with (
        asyncssh.connect(
            parts.hostname or "",
            parts.port or 22,
            username=unquote(parts.username or ""),
            client_keys=[asyncssh.import_private_key(credential)],
            known_hosts=([agreed], [], []),
            config=None,
            agent_path=None,
            connect_timeout=_SECONDS,
            login_timeout=_SECONDS,
        ) as connection,
        connection.start_sftp_client() as client,
    ):
        folder = f"{unquote(parts.path).rstrip('/') or '.'}/{deliverable.name}"
        await client.makedirs(folder, exist_ok=True)
        for name, digest in deliverable.digests.items():
            await _put(client, deliverable, f"{folder}/{name}", digest)
        return deliverable.receipt


async def _put(client: asyncssh.SFTPClient, deliverable: Deliverable, target: str, digest: str) -> None:
    """Put a file in its place and read it back; a whole one that is there already stays."""
    if await client.exists(target) and await _digest(client, target) == digest:
        return
    folder, _, name = target.rpartition("/")
    part = f"{folder}/.{name}.part"
    await client.put(str(deliverable.folder / name), part)
    await client.posix_rename(part, target)
    if await _digest(client, target) != digest:
        raise DeliveryFault(f"{name} has other bytes at the destination than were sent")


async def _digest(client: asyncssh.SFTPClient, path: str) -> str:
    found = hashlib.sha256()
    async with client.open(path, "rb") as file:
        while block := await file.read(_BLOCK):
            found.update(block if isinstance(block, bytes) else block.encode())
    return found.hexdigest()
