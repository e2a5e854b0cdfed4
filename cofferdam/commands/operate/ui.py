"""Print a login address of Dagster's web UI."""

from cofferdam.output import AsJson, answer
from cofferdam.runtime import programs
from cofferdam.runtime.home import noted_running
from cofferdam.runtime.logins import login_address
from ledger.kernel.errors import Unavailable
from ledger.kernel.settings import Settings


def command(*, as_json: AsJson = False) -> None:
    """Print an address that logs a browser in once, within an hour."""
    settings = Settings.from_process()
    noted = noted_running(settings.home)
    if noted is None or "Dagster" not in noted.addresses:
        raise Unavailable(
            f"Dagster's web UI does not run on {settings.home}: start `cofferdam up`"
            + ("" if programs.UI.exists() else ", after make install, which installs it")
        )
    address = login_address(settings, noted.addresses["Dagster"])
    answer({"address": address}, address, as_json=as_json)
