"""An authenticator beside the API of the tests, a principal of it, and tokens."""

import pytest
from joserfc.jwk import ECKey, OKPKey

from api.access.authentication import Authenticator
from api.access.tokens import issue_token
from ledger.kernel.clock import system_clock
from ledger.kernel.engines import create_engine
from ledger.kernel.sql import PARTNER_ROLE
from tests.api.access.callers import READ_WRITE, Holder
from tests.api.conftest import PEPPER


@pytest.fixture
def access(store, api_database):
    readers = create_engine(api_database, role=PARTNER_ROLE)
    made = Authenticator(store, readers, pepper=PEPPER)
    yield made
    readers.dispose()


@pytest.fixture
def principal(access, shop):
    return access.principals.resolve(shop.key)


@pytest.fixture
def token(access, principal):
    return issue_token(access.keys, principal, frozenset({"read"}), system_clock())[0]


@pytest.fixture(params=["ES256", "Ed25519"])
def holder(request):
    kinds = {"ES256": (ECKey, "P-256"), "Ed25519": (OKPKey, "Ed25519")}
    kind, curve = kinds[request.param]
    return Holder(kind.generate_key(curve), request.param)


@pytest.fixture
def bound(access, principal, holder):
    return issue_token(access.keys, principal, READ_WRITE, system_clock(), thumbprint=holder.thumbprint)[0]
