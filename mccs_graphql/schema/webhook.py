"""Webhooks, and how their calls went."""

from datetime import datetime

import strawberry

from mccs_graphql.db.models import EventKind, WebhookFault, WebhookPause
from mccs_graphql.db.models import Webhook as WebhookRow
from mccs_graphql.db.models import WebhookAttempt as WebhookAttemptRow
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.cursors import log_cursor
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, encode_id


@strawberry.type(
    description="One call of a webhook, and what came of it; never what was answered.",
    directives=[access(HOLDER)],
)
class WebhookAttempt:
    message_id: str = strawberry.field(
        description="What its header `webhook-id` said: the same at each attempt for one event."
    )
    type: str = strawberry.field(
        description="The `type` of the message, such as `transfer.completed`."
    )
    attempted_at: datetime = strawberry.field(description="When it was.")
    milliseconds: int = strawberry.field(description="How long it took.")
    status: int | None = strawberry.field(
        description="The HTTP status of the answer; null without one."
    )
    fault: WebhookFault | None = strawberry.field(
        description="Why it did not get through; null if it did."
    )

    @classmethod
    def of(cls, row: WebhookAttemptRow) -> "WebhookAttempt":
        """The row as clients see it."""
        return cls(
            message_id=row.message_id,
            type=row.type,
            attempted_at=row.attempted_at,
            milliseconds=row.milliseconds,
            status=row.status,
            fault=row.fault,
        )


@strawberry.type(
    description="A URL that is called with what happens to an entity: one POST for each event, in "
    "order, again and again until it gets through. Seen by the owners.",
    directives=[access(HOLDER)],
)
class Webhook:
    row: strawberry.Private[WebhookRow]
    id: strawberry.ID = strawberry.field(description="Opaque; what the mutations of webhooks take.")
    url: str = strawberry.field(description="What is called.")
    kinds: list[EventKind] = strawberry.field(description="For which events it is called.")
    description: str = strawberry.field(description="What its owners call it; may be empty.")
    cursor: str = strawberry.field(
        description="Where it stands in the log of the entity: what follows has not arrived. A "
        "subscription takes it as `after`."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    delivered_at: datetime | None = strawberry.field(
        description="When an event last arrived; null if none has."
    )
    failures: int = strawberry.field(
        description="How many calls in a row have failed since; 0 if the last one got through."
    )
    failing_since: datetime | None = strawberry.field(
        description="When the first of these was; null if there is none."
    )
    next_attempt_at: datetime | None = strawberry.field(
        description="When it is tried again; null unless it is failing, and while it is paused."
    )
    paused_at: datetime | None = strawberry.field(
        description="Since when it is not called, and events wait; null if it is."
    )
    paused_for: WebhookPause | None = strawberry.field(
        description="Why it is not called; null if it is."
    )
    former_secret_until: datetime | None = strawberry.field(
        description="Until when the secret before signs too; null if it was never rotated."
    )

    @classmethod
    def of(cls, row: WebhookRow) -> "Webhook":
        """The row as clients see it; nothing leads back to its secrets."""
        waits = row.failures > 0 and row.paused_at is None
        return cls(
            row=row,
            id=encode_id(IdPrefix.WEBHOOK, row.id),
            url=row.url,
            kinds=list(map(EventKind, row.kinds)),
            description=row.description,
            cursor=log_cursor(row.entity_id, row.position),
            created_at=row.created_at,
            delivered_at=row.delivered_at,
            failures=row.failures,
            failing_since=row.failing_since,
            next_attempt_at=row.due_at if waits else None,
            paused_at=row.paused_at,
            paused_for=row.paused_for,
            former_secret_until=row.former_until,
        )

    @strawberry.field(description="Its latest calls, the newest first; 20 at most.")
    async def attempts(self, info: Info) -> list[WebhookAttempt] | None:
        rows = await info.context.loaders.webhook_attempts.load(self.row.id)
        return list(map(WebhookAttempt.of, rows))
