"""The actor of a command: the operator, by the account that runs it."""

import os
import pwd


def operator() -> str:
    """Return the operator's name; in a container the account may have a number without a name."""
    try:
        return f"operator:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"operator:{os.getuid()}"
