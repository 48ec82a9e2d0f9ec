"""Deciding how far an entity has come: an admin takes it from any status to any other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, EntityStatus, NoticeKind
from mccs_graphql.db.models.contact import MESSAGE_MAX
from mccs_graphql.db.models.entity import LISTED
from mccs_graphql.db.queries import entities, tags, users
from mccs_graphql.db.queries.curation import share_vocabulary
from mccs_graphql.domain import text
from mccs_graphql.domain.administration.patching import give_reason
from mccs_graphql.domain.directory.matchmaking import announce
from mccs_graphql.domain.directory.profiles import lock_there, require_version
from mccs_graphql.domain.directory.refusals import EntityNotFound
from mccs_graphql.domain.notices.notifying import News, notify

ENTITIES_MAX = 100
"""Of one decision about several."""


@dataclass(frozen=True)
class Decision:
    """The status an entity is to have, what its members are told, and what the trail is."""

    to: EntityStatus
    message: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Transition:
    """An entity with the status it had ``before``; the same one if there was nothing to change."""

    entity: Entity
    before: EntityStatus


async def change_status(
    session: AsyncSession, entity_id: UUID, decision: Decision, *, expected_version: int
) -> Transition:
    """Decide about one entity. Raises InvalidInput, EntityNotFound and EntityChanged."""
    _require_valid(session, decision)
    await share_vocabulary(session)
    entity = await lock_there(session, entity_id)
    await require_version(session, entity, expected_version)
    moved = await _move(session, entity, decision)
    await _tell(session, [moved], decision)
    return moved


async def change_statuses(
    session: AsyncSession, ids: Sequence[UUID], decision: Decision
) -> Mapping[UUID, Transition | EntityNotFound]:
    """Decide about several; what cannot be done for one is said of that one. Raises InvalidInput.

    All are locked first, in the order of their ids: two admins who decide about the same entities
    do so one after the other.
    """
    _require_valid(session, decision)
    await share_vocabulary(session)
    found = await entities.lock_entities(session, ids)
    moved = {
        id_: EntityNotFound()
        if (entity := found.get(id_)) is None or entity.deleted_at is not None
        else await _move(session, entity, decision)
        for id_ in ids
    }
    done = [each for each in moved.values() if isinstance(each, Transition)]
    await _tell(session, done, decision)
    return moved


async def _move(session: AsyncSession, entity: Entity, decision: Decision) -> Transition:
    before = entity.status
    if before is decision.to:
        return Transition(entity, before)
    entity.status = decision.to
    entity.version += 1
    await session.flush()
    if decision.to in LISTED and before not in LISTED:
        # Whoever matches has never seen these tags, however long ago they were chosen.
        await announce(session, entity.id, await tags.renew(session, entity.id))
    return Transition(entity, before)


async def _tell(
    session: AsyncSession, transitions: Sequence[Transition], decision: Decision
) -> None:
    """To each member of what has another status now, with as many statements as for one."""
    moved = [each for each in transitions if each.before is not decision.to]
    members = await users.members_of(session, [each.entity.id for each in moved])
    await notify(
        session,
        [
            News(
                user_id=user_id,
                kind=NoticeKind.ENTITY_STATUS,
                entity_id=each.entity.id,
                facts=_facts(each, decision),
            )
            for each in moved
            for user_id in members.get(each.entity.id, ())
        ],
    )


def _facts(transition: Transition, decision: Decision) -> dict[str, str]:
    return {
        "entity_id": str(transition.entity.id),
        "from": transition.before.value,
        "to": decision.to.value,
        "message": decision.message.strip(),
    }


def _require_valid(session: AsyncSession, decision: Decision) -> None:
    text.require(text.problems_of("message", decision.message, most=MESSAGE_MAX))
    give_reason(session, decision.reason)
