"""Arguments of queries: a refusal of one of them names its place."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from ledger.kernel.errors import InvalidInput

_P = ParamSpec("_P")
_T = TypeVar("_T")


def read_argument(path: str | tuple[str, ...], parse: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Return what `parse` reads of the argument at a path. Raises its `InvalidInput` with that path."""
    try:
        return parse(*args, **kwargs)
    except InvalidInput as refusal:
        own = (path,) if isinstance(path, str) else path
        refusal.path = (*own, *refusal.path)
        raise
