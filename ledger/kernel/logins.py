"""The logins of the embedded server beside its superuser, who only migrates."""

from typing import Final

APP_LOGIN: Final = "cofferdam_login"
"""The login of the application: no superuser, no owner; it may take the application's role and a partner's reader's."""

READER_LOGIN: Final = "cofferdam_reader"
"""The login of partners' readers: it may take the role of a partner's reader, and no other."""
