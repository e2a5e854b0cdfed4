"""The metrics of the API: declared where they are counted, and listed here."""

from typing import Final

from api.graphql.codes import REFUSALS
from api.limits.admission import WAITING
from api.limits.buckets import BUCKETS_EMPTIED
from api.limits.failed_keys import KEYS_REFUSED
from api.limits.idle_connections import HTTP_CONNECTIONS
from api.meter import CONNECTIONS, EVENT_LOOP_LAG
from api.request_metrics import PLAN_CACHE, REQUEST_DURATION, REQUEST_ERRORS
from api.webhook_deliveries import OUTBOX_CALLS, WEBHOOK_DELAY
from ledger.book.posting.committer import BATCH_ORDERS, COMMIT_DURATION, ORDERS
from ledger.kernel.metrics import AnyMetric

API_METRICS: Final[tuple[AnyMetric, ...]] = (
    REQUEST_DURATION,
    REQUEST_ERRORS,
    REFUSALS,
    ORDERS,
    COMMIT_DURATION,
    BATCH_ORDERS,
    WAITING,
    BUCKETS_EMPTIED,
    KEYS_REFUSED,
    PLAN_CACHE,
    OUTBOX_CALLS,
    WEBHOOK_DELAY,
    HTTP_CONNECTIONS,
    CONNECTIONS,
    EVENT_LOOP_LAG,
)
"""The metrics that the API's workers count."""
