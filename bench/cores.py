"""Cores: pins a benchmark to one core, so that its figures are per core."""

import psutil


def hold_to_one_core() -> int | None:
    """Pin this process, and all that it starts from now on, to the idlest core; return None if that is unsupported."""
    process = psutil.Process()
    if not hasattr(process, "cpu_affinity"):
        return None
    busy = psutil.cpu_percent(interval=0.5, percpu=True)
    core = min(process.cpu_affinity(), key=lambda allowed: busy[allowed])
    process.cpu_affinity([core])
    return int(core)
