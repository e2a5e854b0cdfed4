"""Stop everything that runs on the home."""

from cofferdam.output import AsJson, answer
from cofferdam.runtime.detachment import end_running
from cofferdam.runtime.embedded import end
from ledger.kernel.settings import Settings


def command(*, as_json: AsJson = False) -> None:
    """Stop everything that runs on the home, and wait until it has ended; nothing that was accepted is lost.

    That is the running `up` with its children, and the embedded server.
    """
    settings = Settings.from_process()
    number = end_running(settings)
    stopped = settings.database_url is None and end(settings.home)
    said = [] if number is None else [f"process {number} has ended with all its child processes"]
    said += ["the embedded PostgreSQL has stopped"] if stopped else []
    shown = {"process": number, "database_stopped": stopped}
    answer(shown, "\n".join(said) or f"nothing runs on {settings.home}", as_json=as_json)
