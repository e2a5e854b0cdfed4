"""The asset graph as text, checked in so that a review sees every change of it."""

import dagster as dg


def asset_graph(defined: dg.Definitions) -> str:
    """Return a line per asset with its parents, a line per check, and a line per schedule."""
    assets = defined.resolve_asset_graph()
    lines = []
    for key in sorted(assets.get_all_asset_keys(), key=str):
        parents = sorted(parent.to_user_string() for parent in assets.get(key).parent_keys)
        lines.append(f"{key.to_user_string()} <- {', '.join(parents) or 'nothing'}")
    for check in sorted(assets.asset_check_keys, key=str):
        blocking = " (blocking)" if assets.get(check).blocking else ""
        lines.append(f"check {check.asset_key.to_user_string()}: {check.name}{blocking}")
    schedules = [each for each in defined.schedules or [] if isinstance(each, dg.ScheduleDefinition)]
    lines += [f"schedule {each.name}: {each.job_name} at {each.cron_schedule}" for each in schedules]
    return "\n".join(lines) + "\n"
