"""Registering webhooks, and saying how to go on with them: for the owners of an entity, in person.

A webhook is locked last, so whoever ends one may hold whatever else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import EventKind, Webhook, WebhookPause
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.models.webhook import WEBHOOK_DESCRIPTION_MAX
from mccs_graphql.db.queries import api_tokens, entities
from mccs_graphql.db.queries import webhooks as queries
from mccs_graphql.domain import text
from mccs_graphql.domain.access import MANAGE, READ
from mccs_graphql.domain.audit.changes import DELETED, note
from mccs_graphql.domain.errors import Forbidden, InvalidInput, Problem
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.webhooks import signing
from mccs_graphql.domain.webhooks.refusals import TooManyWebhooks, WebhookNotFound
from mccs_graphql.domain.webhooks.targets import problems_of_url, read_url

WEBHOOKS_MAX = 10
"""Of one entity."""
_ASKED_FOR_CALL = "asked for a call"


@dataclass(frozen=True)
class WebhookWishes:
    """What a webhook is to be; what is None stays as it is."""

    url: str | None = None
    kinds: frozenset[EventKind] | None = None
    description: str | None = None


@dataclass(frozen=True)
class NewSecret:
    """A webhook whose secret is new, and the secret as its receiver keeps it."""

    webhook: Webhook
    secret: str


def require_valid(wishes: WebhookWishes, *, private: bool) -> None:
    """Raise InvalidInput unless such a webhook can be, before its host is looked up."""
    text.require(_problems(wishes, private=private))


async def create(
    session: AsyncSession, viewer: Viewer, entity_id: UUID, wishes: WebhookWishes, *, seal: Seal
) -> NewSecret:
    """Have an address called with what happens to an entity of the viewer's from now on.

    Raises Forbidden or TooManyWebhooks.
    """
    viewer.require(MANAGE, entity_id)
    await entities.lock_entity(session, entity_id)
    if not await api_tokens.is_kept_as_owner(session, user_id=viewer.id, entity_id=entity_id):
        raise Forbidden
    if await queries.count_webhooks(session, entity_id) >= WEBHOOKS_MAX:
        raise TooManyWebhooks(most=WEBHOOKS_MAX)
    webhook = Webhook(
        id=uuid7(),
        entity_id=entity_id,
        created_by=viewer.id,
        description="",
        position=await queries.end_of(session, entity_id),
    )
    _apply(webhook, wishes)
    secret = signing.new_secret()
    signing.keep_secret(webhook, secret, seal)
    session.add(webhook)
    await session.flush()
    await session.refresh(webhook)
    return NewSecret(webhook, signing.shown(secret))


async def update(
    session: AsyncSession, viewer: Viewer, webhook_id: UUID, wishes: WebhookWishes
) -> Webhook:
    """Change it. Another URL begins with a clean slate. Raises WebhookNotFound or Forbidden."""
    webhook = await own(session, viewer, webhook_id)
    if wishes.url is not None and wishes.url != webhook.url:
        _try_anew(session, webhook)
    _apply(webhook, wishes)
    return await _kept(session, webhook)


async def delete(session: AsyncSession, viewer: Viewer, webhook_id: UUID) -> Webhook:
    """Remove it with its attempts. Raises WebhookNotFound or Forbidden."""
    webhook = await own(session, viewer, webhook_id)
    await queries.remove_webhook(session, webhook.id)
    note(session, Webhook, webhook.id, what=DELETED, about=[webhook.entity_id])
    return webhook


async def pause(session: AsyncSession, viewer: Viewer, webhook_id: UUID) -> Webhook:
    """Let what happens wait. Raises WebhookNotFound or Forbidden."""
    webhook = await own(session, viewer, webhook_id)
    if webhook.paused_at is None:
        webhook.paused_at, webhook.paused_for = datetime.now(UTC), WebhookPause.OWNER
    return await _kept(session, webhook)


async def resume(session: AsyncSession, viewer: Viewer, webhook_id: UUID) -> Webhook:
    """Go on at once where it stands, also if the next attempt was to come much later.

    Raises WebhookNotFound or Forbidden.
    """
    webhook = await own(session, viewer, webhook_id)
    webhook.paused_at, webhook.paused_for = None, None
    _try_anew(session, webhook)
    return await _kept(session, webhook)


async def replay(
    session: AsyncSession, webhook: Webhook, *, after: int | None, since: datetime | None
) -> Webhook:
    """Go on from another place in the log: after a position, or from a moment on.

    ``webhook`` must be their ``own``. Raises InvalidInput.
    """
    if (after is None) == (since is None):
        raise InvalidInput(problems=(Problem((), "ONE_OF", "Say one of `after` and `since`."),))
    end = await queries.end_of(session, webhook.entity_id)
    if since is not None:
        after = await queries.position_at(session, webhook.entity_id, since)
    if after is None or after > end:
        words = "Nothing that comes after this has happened yet."
        raise InvalidInput(problems=(Problem(("after",), "PAST_THE_END", words),))
    webhook.position = after
    _try_anew(session, webhook)
    return await _kept(session, webhook)


async def rotate_secret(
    session: AsyncSession, viewer: Viewer, webhook_id: UUID, *, seal: Seal
) -> NewSecret:
    """Sign with another secret from now on, and with the one before for a while.

    Raises WebhookNotFound or Forbidden.
    """
    webhook, secret = await own(session, viewer, webhook_id), signing.new_secret()
    signing.replace_secret(webhook, secret, seal, at=datetime.now(UTC))
    return NewSecret(await _kept(session, webhook), signing.shown(secret))


async def test(session: AsyncSession, viewer: Viewer, webhook_id: UUID) -> Webhook:
    """Have it called once, whether or not it is paused. Raises WebhookNotFound or Forbidden."""
    webhook = await own(session, viewer, webhook_id)
    webhook.ping_id = uuid7()
    session.info[_ASKED_FOR_CALL] = True
    return await _kept(session, webhook)


def asked_for_call(session: AsyncSession) -> bool:
    """Whether this session, when it commits, leaves a webhook to be called at once."""
    return _ASKED_FOR_CALL in session.info


async def require_managed(session: AsyncSession, viewer: Viewer, webhook_id: UUID) -> None:
    """Raise WebhookNotFound or Forbidden unless the viewer may change it."""
    _managed(viewer, await session.get(Webhook, webhook_id))


async def own(session: AsyncSession, viewer: Viewer, webhook_id: UUID) -> Webhook:
    """The webhook, locked, if the viewer may change it. Raises WebhookNotFound or Forbidden.

    Looked at before it is locked: nobody keeps others from what they may not touch.
    """
    await require_managed(session, viewer, webhook_id)
    return _managed(viewer, await queries.find_webhook(session, webhook_id))


def _managed(viewer: Viewer, webhook: Webhook | None) -> Webhook:
    if webhook is None or not viewer.may(READ, webhook.entity_id):
        raise WebhookNotFound
    viewer.require(MANAGE, webhook.entity_id)
    return webhook


def _apply(webhook: Webhook, wishes: WebhookWishes) -> None:
    if wishes.url is not None:
        webhook.url, webhook.host = wishes.url, read_url(wishes.url).host
    if wishes.kinds is not None:
        webhook.kinds = [kind.value for kind in EventKind if kind in wishes.kinds]
    if wishes.description is not None:
        webhook.description = wishes.description.strip()


def _try_anew(session: AsyncSession, webhook: Webhook) -> None:
    """At once, and whatever comes of a call that is under way does not count."""
    webhook.failures, webhook.failing_since = 0, None
    webhook.due_at = func.now()
    webhook.leased_by, webhook.lease_until = None, None
    session.info[_ASKED_FOR_CALL] = True


async def _kept(session: AsyncSession, webhook: Webhook) -> Webhook:
    await session.flush()
    await session.refresh(webhook)
    return webhook


def _problems(wishes: WebhookWishes, *, private: bool) -> Iterator[Problem]:
    if wishes.url is not None:
        yield from problems_of_url(wishes.url, private=private)
    if wishes.description is not None:
        most = WEBHOOK_DESCRIPTION_MAX
        yield from text.problems_of("description", wishes.description, most=most)
    if wishes.kinds is not None and not wishes.kinds:
        yield Problem(("kinds",), "TOO_FEW", "At least one kind of event is needed.")
