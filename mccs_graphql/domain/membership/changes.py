"""What becomes of members: another role, removal, leaving."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, Invitation, Membership, NoticeKind, Role
from mccs_graphql.db.queries import invitations
from mccs_graphql.db.queries import members as queries
from mccs_graphql.domain import events
from mccs_graphql.domain.access import MEMBER
from mccs_graphql.domain.audit.changes import DELETED, note
from mccs_graphql.domain.errors import Forbidden
from mccs_graphql.domain.identity.api_tokens import end_tokens_of
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.membership.owners import Members, lock_as_owner, require_owner_besides
from mccs_graphql.domain.membership.refusals import MemberNotFound
from mccs_graphql.domain.notices.notifying import News, notify


async def change_role(
    session: AsyncSession, viewer: Viewer, *, entity_id: UUID, user_id: UUID, role: Role
) -> Entity:
    """Give a member another role, and tell them; the entity.

    Raises Forbidden, MemberNotFound or LastOwner.
    """
    members = await lock_as_owner(session, viewer, entity_id)
    membership = _find(members, user_id)
    if role is not Role.OWNER:
        require_owner_besides(members, user_id)
    is_news = role is not membership.role and user_id != viewer.id
    membership.role = role
    await session.flush()
    if is_news:
        facts = {"entity_id": str(entity_id), "role": role.value, "changed_by": str(viewer.id)}
        news = News(user_id, NoticeKind.ROLE_CHANGED, entity_id=entity_id, facts=facts)
        await notify(session, [news])
    if role is not Role.OWNER:
        await end_powers(session, entity_id=entity_id, user_id=user_id)
    return await session.get_one(Entity, entity_id)


async def remove(
    session: AsyncSession, viewer: Viewer, *, entity_id: UUID, user_id: UUID
) -> Entity:
    """End a membership, and tell the one it was; the entity.

    Raises Forbidden, MemberNotFound or LastOwner.
    """
    members = await lock_as_owner(session, viewer, entity_id)
    await _end(session, members, _find(members, user_id))
    if user_id != viewer.id:
        facts = {"entity_id": str(entity_id), "removed_by": str(viewer.id)}
        news = News(user_id, NoticeKind.MEMBER_REMOVED, entity_id=entity_id, facts=facts)
        await notify(session, [news])
    return await session.get_one(Entity, entity_id)


async def leave(session: AsyncSession, viewer: Viewer, entity_id: UUID) -> None:
    """End the viewer's own membership. Raises Forbidden or LastOwner."""
    viewer.require(MEMBER, entity_id)
    members = await queries.lock_members(session, entity_id)
    if viewer.id not in members:
        raise Forbidden
    await _end(session, members, members[viewer.id])


async def end_powers(session: AsyncSession, *, entity_id: UUID, user_id: UUID) -> None:
    """End what a user had set going as an OWNER, who is none (any more), or no member at all.

    Called whenever a membership ends or its role becomes another one than OWNER; whatever else is
    good only while its maker owns the entity is to be ended here. Whoever listens is looked up
    again after the commit.
    """
    for invitation_id in await invitations.withdraw_sent_by(session, entity_id, user_id):
        note(session, Invitation, invitation_id, what=DELETED, about=[entity_id])
    await end_tokens_of(session, user_id=user_id, entity_id=entity_id)
    events.wake_listeners(session, [entity_id])


def _find(members: Members, user_id: UUID) -> Membership:
    if user_id not in members:
        raise MemberNotFound
    return members[user_id]


async def _end(session: AsyncSession, members: Members, membership: Membership) -> None:
    require_owner_besides(members, membership.user_id)
    await session.delete(membership)
    await session.flush()
    await end_powers(session, entity_id=membership.entity_id, user_id=membership.user_id)
