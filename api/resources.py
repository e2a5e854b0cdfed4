"""The resources of an API process: its engines, committers, single reads, principals and vault."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from api.access.authentication import Authenticator, Credential, Presented
from api.access.refusals import Unauthenticated
from api.context import Call, Committers, Repeat, Snapshot
from api.errors import note, store_refusal
from api.limits.admission import Admission
from api.limits.buckets import Allowance
from api.operators.context import OperatorStores
from api.row_reads import RowReads
from ledger.kernel.engines import create_engine, create_loop_engine
from ledger.kernel.log_context import bind
from ledger.kernel.settings import Settings
from ledger.kernel.sql import APP_ROLE, OPERATOR_ROLE, PARTNER_ROLE
from ledger.kernel.waiting import run_waiting
from ledger.kernel.work import snapshots
from ledger.public_ids import public
from ledger.tenancy.api_keys import Principal
from ledger.vault.vault import Vault

_THREADS: Final = 12
"""The number of changes beside transfers that are made at once; fewer than the connections for them."""

_CHANGES: Final = 20
_READS: Final = 16
_KEYS: Final = 4
_OPERATORS: Final = 2
"""Connections of one process, beside those of single reads. With several processes they are a server's most."""


class Resources:
    """Everything that the endpoints of one process share; `open` holds it, and writes what is queued when it ends.

    Partners' reads go over `readers`, whose connections have a partner's role and cannot leave it.
    """

    def __init__(  # noqa: PLR0913  # what a process is made of
        self,
        database_url: str,
        *,
        pepper: bytes,
        vault: Vault,
        allowance: Allowance,
        calls_private: bool = False,
        sandboxes_call_loopback: bool = False,
    ) -> None:
        self.calls_private: Final = calls_private
        self._sandboxes_call_loopback, self._pepper = sandboxes_call_loopback, pepper
        self.engine: Final = create_engine(database_url, pre_ping=False, role=APP_ROLE, connections_max=_CHANGES)
        self.readers: Final = snapshots(create_loop_engine(database_url, role=PARTNER_ROLE, connections_max=_READS))
        self._operators: Final = snapshots(
            create_loop_engine(database_url, role=OPERATOR_ROLE, connections_max=_OPERATORS)
        )
        self.committers: Final = Committers(self.engine)
        self.admission: Final = Admission(allowance)
        self.vault: Final = vault
        self._single: Final = RowReads(database_url)
        self._keys: Final = create_engine(database_url, pre_ping=False, role=PARTNER_ROLE, connections_max=_KEYS)
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
            await run_waiting(self._operators.dispose)
            self._keys.dispose()
            self.engine.dispose()

    def operator_stores(self, pepper: bytes, settings: Settings | None) -> OperatorStores:
        """Return what operators' requests share."""
        return OperatorStores(self._operators, self.engine, self.committers, self.vault, pepper, settings)

    def connections_in_use(self) -> dict[str, int]:
        """Return the number of connections in use, by pool."""
        engines = {"changes": self.engine, "snapshots": self.readers, "keys": self._keys}
        in_use = {name: engine.pool.checkedout() for name, engine in engines.items()}  # type: ignore[attr-defined]  # of a pool with a queue
        return in_use | {"single_reads": self._single.count_in_use()}

    async def principal(self, presented: Presented) -> Principal:
        """Return the principal of a request. Raises an `AccessRefused`, `TooManyFailedKeys` and `Unavailable`."""
        principal = self.authenticator.recall(presented)
        if principal is None:
            return await self.principal_of(self.authenticator.examine(presented))
        bind(partner=public("partner", principal.partner_id), book=principal.book_id)
        return principal

    async def principal_of(self, credential: Credential) -> Principal:
        """Return the principal of an examined credential, now. Raises the same."""
        principal = self.authenticator.known(credential) or await self._resolved(credential)
        bind(partner=public("partner", principal.partner_id), book=principal.book_id)
        return principal

    async def _resolved(self, credential: Credential) -> Principal:
        """Return the principal of a credential that is not remembered, unless its address failed too often."""
        authenticator, failed = self.authenticator, self.admission.failed_keys
        if not authenticator.has_met(credential):
            failed.require(credential.address)
        try:
            return await asyncio.to_thread(authenticator.resolve, credential)
        except Unauthenticated:
            failed.add(credential.address)
            raise
        except sa.exc.DBAPIError as fault:
            note(fault)
            raise store_refusal(fault) from fault

    def single_call(self, principal: Principal) -> Call:
        """Begin a call that may send one statement."""
        return self._call(principal, None, single=self._single)

    def call(self, principal: Principal, snapshot: Snapshot, repeat: Repeat | None = None) -> Call:
        """Begin a call on a snapshot; `repeat` executes an earlier operation of the caller anew."""
        charge = partial(self.admission.charge_refusals, principal.partner_id)
        return self._call(principal, snapshot, charge_refusals=charge, repeat=repeat)

    def _call(self, principal: Principal, snapshot: Snapshot | None, **more: Any) -> Call:
        return Call(
            self.engine,
            self.committers,
            principal,
            snapshot,
            vault=self.vault,
            calls_private=self.calls_private,
            calls_loopback=self._sandboxes_call_loopback and principal.is_test,
            pepper=self._pepper,
            **more,
        )
