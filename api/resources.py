"""The resources of an API process: its engines, committers, single reads, principals and vault."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final

import sqlalchemy as sa

from api.access.authentication import Authenticator, Credential
from api.context import Call, Committers, Snapshot
from api.errors import note, store_refusal
from api.single_reads import SingleReads
from ledger.kernel.log_context import bind
from ledger.kernel.sql import APP_ROLE, PARTNER_ROLE, create_engine, create_loop_engine
from ledger.kernel.waiting import run_waiting
from ledger.public_ids import public
from ledger.tenancy.api_keys import Principal
from ledger.vault.vault import Vault

_THREADS: Final = 24
"""The number of changes beside transfers that are made at once; fewer than the connections of the pool."""


class Resources:
    """What the endpoints of one process share; `open` holds it from startup to shutdown, which writes what is queued.

    Partners' reads go over `readers`, whose connections have a partner's role and cannot leave it.
    """

    def __init__(self, database_url: str, *, pepper: bytes, vault: Vault) -> None:
        self.engine: Final = create_engine(database_url, pre_ping=False, role=APP_ROLE)
        self.readers: Final = create_loop_engine(database_url, role=PARTNER_ROLE)
        self.committers: Final = Committers(self.engine)
        self.vault: Final = vault
        self._single: Final = SingleReads(database_url)
        self._keys: Final = create_engine(database_url, pre_ping=False, role=PARTNER_ROLE)
        self.authenticator: Final = Authenticator(self.engine, self._keys, pepper=pepper)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Serve until the block ends."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "worker"))
        self.authenticator.principals.start()
        try:
            yield
        finally:
            await asyncio.to_thread(self.authenticator.principals.close)
            await asyncio.to_thread(self.committers.close)
            await self._single.close()
            await run_waiting(self.readers.dispose)
            self._keys.dispose()
            self.engine.dispose()

    async def principal(self, credential: Credential) -> Principal:
        """Return the principal of a credential. Raises an `AccessRefused`, and `Unavailable`."""
        authenticator = self.authenticator
        try:
            principal = authenticator.known(credential)
            if principal is None:
                principal = await asyncio.to_thread(authenticator.resolve, credential)
        except sa.exc.DBAPIError as fault:
            note(fault)
            raise store_refusal(fault) from fault
        bind(partner=public("partner", principal.partner_id), book=principal.book_id)
        return principal

    def single_call(self, principal: Principal) -> Call:
        """Begin a call that may send one statement."""
        return Call(self.engine, self.committers, principal, None, vault=self.vault, single=self._single)

    def call(self, principal: Principal, snapshot: Snapshot) -> Call:
        """Begin a call on a snapshot."""
        return Call(self.engine, self.committers, principal, snapshot, vault=self.vault)
