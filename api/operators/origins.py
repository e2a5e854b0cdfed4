"""The defence against requests that another site's page sends from an operator's browser (CSRF).

Three things are required, of which each alone stops such a page: a JSON body, a header that a form cannot have and that
no other origin may send, and, where the browser states them, this origin and this site.
"""

from typing import Final

from starlette.requests import Request

from api.access.refusals import CrossSiteRequest

HEADER: Final = "Cofferdam-Operator"
"""The header that every request of an operator has; its value is 1."""

_SITES: Final = (None, "same-origin")


def require_same_site(request: Request, origin: str) -> None:
    """Require that a page of this origin sent the request, or a program. Raises `CrossSiteRequest`."""
    headers = request.headers
    if headers.get(HEADER.lower()) != "1":
        raise CrossSiteRequest(f"send the header {HEADER}: 1; it shows that no other site's page sent the request")
    if headers.get("origin") not in (None, origin) or headers.get("sec-fetch-site") not in _SITES:
        raise CrossSiteRequest("the request comes from a page of another origin; open the operators' own page")
