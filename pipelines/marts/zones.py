"""Zones in Dagster: a run builds the marts of one zone, which its tag names."""

from typing import Final

import dagster as dg

from lake.residency.claims import DEFAULT
from lake.residency.zones import Zone, Zones

ZONE_TAG: Final = "cofferdam/zone"
"""The tag of a run that says which zone it builds; without it, the default one."""


def zone_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext, zones: Zones) -> Zone:
    """The zone that a run builds: its marts read no other. Raises `InvalidInput` where there is none of that name."""
    return zones.named(context.run.tags.get(ZONE_TAG, DEFAULT))
