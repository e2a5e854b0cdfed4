"""A server of the API that is killed as soon as a change of money or of an account is committed, before it answers."""

import os
import signal
import sys

from api.graphql.nouns import openings, postings
from tests.api.conftest import served


def die(*_answer: object, **_more: object) -> None:
    """Be killed, as if the power failed."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    postings.answered = die  # type: ignore[assignment]  # the step right after the commit
    openings.OpenedAccountNode.of = die  # type: ignore[assignment]  # the same
    with served(sys.argv[1]) as address:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        sys.stdin.read()
