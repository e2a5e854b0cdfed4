"""The store of a table's objects: a local folder or an object store, with one interface."""

import os
from collections.abc import Sequence
from typing import Final

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, S3Store

from lake.tables import Lake

_STORE_FAULTS: Final = (BaseError,)


class ObjectStore:
    """The objects under one table's address."""

    def __init__(self, lake: Lake, url: str) -> None:
        self._store: Final = _opened(lake, url)
        self._url: Final = url
        self._is_local: Final = lake.is_local

    def put(self, path: str, content: bytes) -> None:
        """Write an object in full. Raises `OSError`."""
        try:
            obstore.put(self._store, path, content)
        except _STORE_FAULTS as fault:
            raise self._failing(path, fault) from fault

    def put_new(self, path: str, content: bytes) -> bool:
        """Write an object in full if there is none of that name, and return whether it was written. Raises `OSError`.

        The store decides between two concurrent writers: a folder by a hard link, S3 by a conditional request.
        """
        try:
            obstore.put(self._store, path, content, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        except _STORE_FAULTS as fault:
            raise self._failing(path, fault) from fault
        return True

    def get(self, path: str) -> bytes:
        """Read an object in full. Raises `FileNotFoundError`, `OSError`."""
        try:
            return bytes(obstore.get(self._store, path).bytes())
        except FileNotFoundError:
            raise
        except _STORE_FAULTS as fault:
            raise self._failing(path, fault) from fault

    def identity(self, path: str) -> str | None:
        """Return an identity of the object's content, which changes on replacement; None if there is no object.

        For a folder it is read from the file system directly, which is twenty times faster. Raises `OSError`.
        """
        try:
            if self._is_local:
                found = os.stat(f"{self._url}/{path}")  # noqa: PTH116  # asked twice a table and cut: a path costs as much again
                return f"{found.st_ino}-{found.st_mtime_ns}-{found.st_size}"
            meta = obstore.head(self._store, path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except _STORE_FAULTS as fault:
            raise self._failing(path, fault) from fault
        return f"{meta['e_tag']}-{meta['size']}"

    def names(self, folder: str) -> list[str]:
        """Return the paths of the objects in a folder, in order. Raises `OSError`."""
        try:
            return sorted(meta["path"] for batch in obstore.list(self._store, folder) for meta in batch)
        except _STORE_FAULTS as fault:
            raise self._failing(folder, fault) from fault

    def copy(self, path: str, target: str) -> None:
        """Copy an object within the store, replacing the target. Raises `OSError`."""
        try:
            obstore.copy(self._store, path, target)
        except _STORE_FAULTS as fault:
            raise self._failing(path, fault) from fault

    def delete(self, paths: Sequence[str]) -> None:
        """Remove objects, including those that are gone already. Raises `OSError`."""
        if not paths:
            return
        try:
            obstore.delete(self._store, paths)
        except FileNotFoundError:
            return
        except _STORE_FAULTS as fault:
            raise self._failing(paths[0], fault) from fault

    def _failing(self, path: str, fault: Exception) -> OSError:
        reason = str(fault).split("\n\nDebug source:", 1)[0]
        return OSError(f"{self._url}/{path}: {reason}")


def _opened(lake: Lake, url: str) -> LocalStore | S3Store:
    if lake.is_local:
        return LocalStore(url, mkdir=True)
    options = {name.lower(): value for name, value in lake.storage_options.items()}
    allow_http = options.pop("aws_allow_http", "false") == "true"
    return S3Store.from_url(url, config=options, client_options={"allow_http": allow_http})  # type: ignore[arg-type]  # its keys are those of the settings
