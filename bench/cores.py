"""Cores: holding a benchmark to one of them, so that its figures say what one core does."""

import psutil


def hold_to_one_core() -> int | None:
    """Keep this process, and all that it starts from now on, on the idlest core; None where the system has no way."""
    process = psutil.Process()
    if not hasattr(process, "cpu_affinity"):
        return None
    busy = psutil.cpu_percent(interval=0.5, percpu=True)
    core = min(process.cpu_affinity(), key=lambda allowed: busy[allowed])
    process.cpu_affinity([core])
    return int(core)
