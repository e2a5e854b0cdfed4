"""The ends of streams: a key that is revoked, a client that is slow or gone, a server that stops."""

import signal
import threading
import time
from contextlib import suppress

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from api.access.signing_keys import SigningKeys
from api.app import build_app
from api.limits.buckets import Allowance
from api.limits.idle_connections import BoundedHttpTools
from api.limits.sockets import BoundedWebSockets
from ledger.kernel.work import begin
from ledger.tenancy.api_keys import issue, key_id_of, revoke
from tests.api.conftest import PEPPER, Caller
from tests.api.limits.test_deadlines import eventually
from tests.api.subscriptions.conftest import TRANSFERS, event_stream, opened, subscribing
