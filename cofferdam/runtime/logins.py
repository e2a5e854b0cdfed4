"""Logins of Dagster's web UI: the folder of its sessions, and addresses that begin one."""

from pathlib import Path

from ledger.kernel.settings import Settings
from pipelines.webserver.access import LOGIN
from pipelines.webserver.sessions import Sessions


def login_address(settings: Settings, address: str) -> str:
    """Return an address of the web UI that logs a browser in once, within an hour."""
    return f"{address}{LOGIN}?token={Sessions(sessions_folder(settings)).new_token()}"


def sessions_folder(settings: Settings) -> Path:
    """Return the folder of the sessions."""
    return settings.dagster_home / "sessions"
