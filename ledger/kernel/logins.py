"""The logins of the embedded server, and of any other server that is set up the same way."""

from typing import Final

SUPERUSER: Final = "postgres"
"""The superuser of the embedded server, used only for migrations."""

APP_LOGIN: Final = "cofferdam_login"
"""The application's login: no superuser, no owner; it may take the application's role and that of partners' readers."""

READER_LOGIN: Final = "cofferdam_reader"
"""The login of partners' readers: it may take the role of a partner's reader, and no other.

It has the application's password, whose owner may read as a partner anyway.
"""
