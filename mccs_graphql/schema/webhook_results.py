"""What the mutations of webhooks take and lead to."""

from datetime import datetime
from typing import Annotated

import strawberry

from mccs_graphql.db.models import EventKind
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.webhooks.registering import WebhookWishes
from mccs_graphql.schema.access import access
from mccs_graphql.schema.refusals import InvalidInput, TooManyWebhooks, WebhookNotFound
from mccs_graphql.schema.webhook import Webhook

URL = (
    "https:// and a host with public addresses, on port 443 or from 1024 on; 500 characters at "
    "most. Keep no password in it: all owners and admins see it."
)
KINDS = "For which events it is to be called; one at least."
DESCRIPTION = "To know it again by; 200 characters at most."


@strawberry.input(description="What is to be called, and for what.")
class CreateWebhookInput:
    entity_id: strawberry.ID = strawberry.field(description="The entity whose events are to go.")
    url: str = strawberry.field(description=URL)
    kinds: list[EventKind] = strawberry.field(description=KINDS)
    description: str = strawberry.field(default="", description=DESCRIPTION)

    def to_wishes(self) -> WebhookWishes:
        """As the domain takes it."""
        return WebhookWishes(self.url, frozenset(self.kinds), self.description)


@strawberry.input(description="What of a webhook is to change; what is not said stays as it is.")
class UpdateWebhookInput:
    id: strawberry.ID = strawberry.field(description="The webhook.")
    url: str | None = strawberry.field(
        default=None, description=f"{URL} Another one is tried at once."
    )
    kinds: list[EventKind] | None = strawberry.field(default=None, description=KINDS)
    description: str | None = strawberry.field(default=None, description=DESCRIPTION)

    def to_wishes(self) -> WebhookWishes:
        """As the domain takes it."""
        kinds = None if self.kinds is None else frozenset(self.kinds)
        return WebhookWishes(self.url, kinds, self.description)


@strawberry.input(description="Which webhook it is about.")
class WebhookInput:
    id: strawberry.ID = strawberry.field(description="The webhook.")


@strawberry.input(description="From where on a webhook is to go through the log: say one of them.")
class ReplayWebhookInput:
    id: strawberry.ID = strawberry.field(description="The webhook.")
    after: str | None = strawberry.field(
        default=None,
        description="A cursor of the entity's log, from a message or from a subscription: what "
        "follows it is sent.",
    )
    since: datetime | None = strawberry.field(
        default=None, description="What happened at this moment or later is sent."
    )


@strawberry.type(
    description="The secret is in use from now on. It is shown here and never again.",
    directives=[access(HOLDER)],
)
class WebhookSecretPayload:
    secret: str = strawberry.field(
        description="`whsec_` and 32 bytes in base64, to verify the signatures with as Standard "
        "Webhooks has it."
    )
    webhook: Webhook = strawberry.field(description="What it is for.")


@strawberry.type(description="It is done.", directives=[access(HOLDER)])
class WebhookPayload:
    webhook: Webhook = strawberry.field(description="The webhook as it is by now.")


@strawberry.type(description="The webhook is gone.", directives=[access(HOLDER)])
class DeleteWebhookPayload:
    deleted_id: strawberry.ID = strawberry.field(description="Its id.")


CreateWebhookResult = Annotated[
    WebhookSecretPayload | InvalidInput | TooManyWebhooks,
    strawberry.union("CreateWebhookResult", description="What `createWebhook` leads to."),
]
ChangeWebhookResult = Annotated[
    WebhookPayload | InvalidInput | WebhookNotFound,
    strawberry.union(
        "ChangeWebhookResult", description="What `updateWebhook` and `replayWebhook` lead to."
    ),
]
WebhookResult = Annotated[
    WebhookPayload | WebhookNotFound,
    strawberry.union(
        "WebhookResult",
        description="What `pauseWebhook`, `resumeWebhook` and `testWebhook` lead to.",
    ),
]
RotateWebhookSecretResult = Annotated[
    WebhookSecretPayload | WebhookNotFound,
    strawberry.union(
        "RotateWebhookSecretResult", description="What `rotateWebhookSecret` leads to."
    ),
]
DeleteWebhookResult = Annotated[
    DeleteWebhookPayload | WebhookNotFound,
    strawberry.union("DeleteWebhookResult", description="What `deleteWebhook` leads to."),
]
