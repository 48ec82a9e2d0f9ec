"""What is refused about webhooks."""

from dataclasses import dataclass

from mccs_graphql.domain.errors import Refusal


@dataclass(eq=False)
class WebhookNotFound(Refusal):
    """There is no such webhook of an entity of yours."""

    code = "WEBHOOK_NOT_FOUND"
    message = "There is no such webhook of an entity of yours."
    path = ("id",)


@dataclass(eq=False)
class TooManyWebhooks(Refusal):
    """The entity has as many webhooks as it may have; delete one first."""

    code = "TOO_MANY_WEBHOOKS"
    message = "The entity has as many webhooks as it may have; delete one first."
    path = ("entity_id",)

    most: int
