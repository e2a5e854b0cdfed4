"""Answers of mutations that were done: what each of them says beside what it made or changed."""

import strawberry

from api.graphql.scalars import Position


@strawberry.interface
class Success:
    """The change is done, and durable. A resend with the same key gets the same answer, as of the same position."""

    position: Position = strawberry.field(description="The journal position of the change; use it as `minPosition`.")
    is_replay: bool = strawberry.field(
        default=False, description="True if this is the answer to an earlier request with the same key."
    )
