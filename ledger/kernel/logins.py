"""The logins of the embedded server, and of any other one that is set up the same way."""

from typing import Final

SUPERUSER: Final = "postgres"
"""The superuser of the embedded server, who only migrates."""

APP_LOGIN: Final = "cofferdam_login"
"""The login of the application: no superuser, no owner; it may take the application's role and a partner's reader's."""

READER_LOGIN: Final = "cofferdam_reader"
"""The login of partners' readers: it may take the role of a partner's reader, and no other.

It has the application's password: whoever has that one may read as a partner anyhow.
"""
