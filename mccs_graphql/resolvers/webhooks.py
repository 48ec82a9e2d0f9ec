"""Registering webhooks, and going on with them."""

from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.adapters.resolving import require_public
from mccs_graphql.context import Context
from mccs_graphql.domain.access import MANAGE
from mccs_graphql.domain.webhooks import registering
from mccs_graphql.domain.webhooks.registering import WebhookWishes
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.cursors import log_position
from mccs_graphql.schema.ids import IdPrefix, encode_id, id_of
from mccs_graphql.schema.webhook import Webhook
from mccs_graphql.schema.webhook_results import (
    ChangeWebhookResult,
    CreateWebhookInput,
    CreateWebhookResult,
    DeleteWebhookPayload,
    DeleteWebhookResult,
    ReplayWebhookInput,
    RotateWebhookSecretResult,
    UpdateWebhookInput,
    WebhookInput,
    WebhookPayload,
    WebhookResult,
    WebhookSecretPayload,
)

WhichWebhook = Annotated[WebhookInput, strawberry.argument(description="Which one.")]


@strawberry.type
class WebhookMutation:
    @strawberry.mutation(
        description="Have a URL called with what happens to an entity of yours from now on; up to "
        "10 for each entity.",
        directives=[access(MANAGE)],
    )
    async def create_webhook(
        self,
        info: Info,
        input: Annotated[CreateWebhookInput, strawberry.argument(description="What for.")],
    ) -> CreateWebhookResult:
        context, entity_id = info.context, id_of(IdPrefix.ENTITY, input.entity_id)
        viewer, wishes = context.require_viewer(), input.to_wishes()
        viewer.require(MANAGE, entity_id)
        await _require_valid(context, wishes)
        async with context.writing() as session:
            made = await registering.create(
                session, viewer, entity_id, wishes, seal=context.services.seal
            )
        return WebhookSecretPayload(secret=made.secret, webhook=Webhook.of(made.webhook))

    @strawberry.mutation(
        description="Change a webhook of an entity of yours.", directives=[access(MANAGE)]
    )
    async def update_webhook(
        self,
        info: Info,
        input: Annotated[UpdateWebhookInput, strawberry.argument(description="What to change.")],
    ) -> ChangeWebhookResult:
        viewer, wishes = info.context.require_viewer(), input.to_wishes()
        webhook_id = await _managed(info.context, input.id)
        await _require_valid(info.context, wishes)
        async with info.context.writing() as session:
            row = await registering.update(session, viewer, webhook_id, wishes)
        return WebhookPayload(webhook=Webhook.of(row))

    @strawberry.mutation(
        description="Remove a webhook of an entity of yours, at once and with its attempts.",
        directives=[access(MANAGE)],
    )
    async def delete_webhook(self, info: Info, input: WhichWebhook) -> DeleteWebhookResult:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            row = await registering.delete(session, viewer, _id(input.id))
        return DeleteWebhookPayload(deleted_id=encode_id(IdPrefix.WEBHOOK, row.id))

    @strawberry.mutation(
        description="Call it no more until `resumeWebhook`; what happens meanwhile waits.",
        directives=[access(MANAGE)],
    )
    async def pause_webhook(self, info: Info, input: WhichWebhook) -> WebhookResult:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            row = await registering.pause(session, viewer, _id(input.id))
        return WebhookPayload(webhook=Webhook.of(row))

    @strawberry.mutation(
        description="Call it again, at once: one that is paused, or whose next attempt was to come "
        "later. It goes on where it stands.",
        directives=[access(MANAGE)],
    )
    async def resume_webhook(self, info: Info, input: WhichWebhook) -> WebhookResult:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            row = await registering.resume(session, viewer, _id(input.id))
        return WebhookPayload(webhook=Webhook.of(row))

    @strawberry.mutation(
        description="Go on from another place in the log of the entity, and send again what "
        "follows, each event with the `webhook-id` it had; or leave out what waits.",
        directives=[access(MANAGE)],
    )
    async def replay_webhook(
        self,
        info: Info,
        input: Annotated[ReplayWebhookInput, strawberry.argument(description="From where.")],
    ) -> ChangeWebhookResult:
        viewer, after = info.context.require_viewer(), None
        async with info.context.writing() as session:
            row = await registering.own(session, viewer, _id(input.id))
            if input.after is not None:
                after = log_position(row.entity_id, input.after)
            row = await registering.replay(session, row, after=after, since=input.since)
        return WebhookPayload(webhook=Webhook.of(row))

    @strawberry.mutation(
        description="Sign with another secret from now on. For 24 hours the one before signs too.",
        directives=[access(MANAGE)],
    )
    async def rotate_webhook_secret(
        self, info: Info, input: WhichWebhook
    ) -> RotateWebhookSecretResult:
        viewer, seal = info.context.require_viewer(), info.context.services.seal
        async with info.context.writing() as session:
            made = await registering.rotate_secret(session, viewer, _id(input.id), seal=seal)
        return WebhookSecretPayload(secret=made.secret, webhook=Webhook.of(made.webhook))

    @strawberry.mutation(
        description="Have it called once with a message of the type `webhook.ping`, also if it is "
        "paused. What came of it is soon among its `attempts`.",
        directives=[access(MANAGE)],
    )
    async def test_webhook(self, info: Info, input: WhichWebhook) -> WebhookResult:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            row = await registering.test(session, viewer, _id(input.id))
        return WebhookPayload(webhook=Webhook.of(row))


async def _managed(context: Context, id_: str) -> UUID:
    """The webhook, which is one of theirs who ask: nobody else has hosts looked up."""
    async with context.database.reading() as session:
        await registering.require_managed(session, context.require_viewer(), _id(id_))
    return _id(id_)


async def _require_valid(context: Context, wishes: WebhookWishes) -> None:
    private = context.services.settings.webhook_private
    registering.require_valid(wishes, private=private)
    if wishes.url is not None:
        await require_public(wishes.url, private=private)


def _id(text: str) -> UUID:
    return id_of(IdPrefix.WEBHOOK, text)
