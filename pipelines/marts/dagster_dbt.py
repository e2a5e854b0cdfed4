"""Dagster's integration of dbt, imported without dbt itself: builds run dbt as a process of their own.

Where dagster-dbt finds dbt-core, it loads most of it and evaluates a selection with it, in every process that has the
definitions: about three seconds of CPU and 30 MB. Where it finds none, it takes every node of the parsed manifest, all
that is asked of it here, and has the names of the statuses itself (`dagster_dbt/compat.py`).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _absent(name: str) -> Iterator[None]:
    """Let the import of a module fail while the block lasts."""
    loaded = sys.modules.pop(name, None)
    sys.modules[name] = None  # type: ignore[assignment]  # the import system reads None as: there is none
    try:
        yield
    finally:
        del sys.modules[name]
        if loaded is not None:
            sys.modules[name] = loaded


with _absent("dbt.version"):
    from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
    from dagster_dbt.core.dbt_cli_invocation import DbtCliInvocation

__all__ = ["DagsterDbtTranslator", "DagsterDbtTranslatorSettings", "DbtCliInvocation", "dbt_assets"]
