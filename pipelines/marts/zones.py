"""Zones in Dagster: a run builds the marts of the zone in its tag."""

from typing import Final

import dagster as dg

from lake.residency.claims import DEFAULT
from lake.residency.zones import Zone, Zones

ZONE_TAG: Final = "cofferdam/zone"
"""The run tag with the zone; without it, the default zone."""


def zone_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext, zones: Zones) -> Zone:
    """Return the zone that a run builds; its marts read no other. Raises `InvalidInput` if there is no such zone."""
    return zones.named(context.run.tags.get(ZONE_TAG, DEFAULT))
