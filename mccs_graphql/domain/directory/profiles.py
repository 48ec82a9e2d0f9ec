"""What members say of their entity and of themselves, changed patch by patch."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, TagKind, User
from mccs_graphql.db.models import entity as entities
from mccs_graphql.db.models.user import PERSON_NAME_MAX
from mccs_graphql.db.queries import entities as queries
from mccs_graphql.db.queries.curation import share_vocabulary
from mccs_graphql.domain import text
from mccs_graphql.domain.access import EDIT
from mccs_graphql.domain.audit.history import changed_since
from mccs_graphql.domain.directory.listings import read_tags, replace_tags
from mccs_graphql.domain.directory.mandatory import BOUND, OF_ENTITY, OF_USER, cleared
from mccs_graphql.domain.directory.refusals import EntityChanged, EntityNotFound
from mccs_graphql.domain.identity.sessions import lock_viewer
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.patches import (
    Patch,
    Reader,
    apply,
    read_choice,
    read_email,
    read_flag,
    read_patch,
    read_website,
    reads_count,
    reads_one_of,
    reads_telephone,
    reads_text,
)

TAG_LISTS = {"offers": TagKind.OFFER, "wants": TagKind.WANT}


def entity_readers(region: str) -> dict[str, Reader]:
    """How each field of an entity's profile is read; ``region`` is that of its telephone."""
    return {
        "name": reads_text(least=1, most=entities.ENTITY_NAME_MAX),
        "email": read_email,
        "telephone": reads_telephone(region=region),
        "inc_type": reads_one_of(entities.INC_TYPES),
        "company_number": reads_text(most=entities.COMPANY_NUMBER_MAX),
        "website": read_website,
        "declared_turnover": reads_count(most=entities.TURNOVER_MAX),
        "description": reads_text(most=entities.DESCRIPTION_MAX),
        "address": reads_text(most=entities.ADDRESS_MAX),
        "city": reads_text(most=entities.PLACE_MAX),
        "region": reads_text(most=entities.PLACE_MAX),
        "postal_code": reads_text(most=entities.POSTAL_CODE_MAX),
        "country": reads_text(most=entities.PLACE_MAX),
        "show_telephone": read_flag,
        "show_declared_turnover": read_flag,
        "show_tags_matched_since_last_login": read_flag,
        "receive_daily_match_notification_email": read_flag,
        "offers": read_tags,
        "wants": read_tags,
    }


def user_readers(region: str) -> dict[str, Reader]:
    """How each field of a user is read; ``region`` is that of the telephone."""
    return {
        "first_name": reads_text(most=PERSON_NAME_MAX),
        "last_name": reads_text(most=PERSON_NAME_MAX),
        "telephone": reads_telephone(region=region),
        "language": read_choice,
    }


async def update_entity(
    session: AsyncSession,
    viewer: Viewer,
    entity_id: UUID,
    patch: Patch,
    *,
    expected_version: int,
    region: str,
) -> Entity:
    """Change what the patch says. Raises Forbidden, InvalidInput or EntityChanged.

    The version is raised if anything is different afterwards. What those who trade have to say
    cannot be cleared.
    """
    viewer.require(EDIT, entity_id)
    return await edit_entity(
        session, entity_id, patch, expected_version=expected_version, region=region
    )


async def edit_entity(
    session: AsyncSession, entity_id: UUID, patch: Patch, *, expected_version: int, region: str
) -> Entity:
    """As ``update_entity``, whoever does it. Raises EntityNotFound too, also of a deleted one."""
    kept = read_patch(patch, entity_readers(region))
    if not TAG_LISTS.keys().isdisjoint(kept):
        await share_vocabulary(session)
    entity = await lock_there(session, entity_id)
    await require_version(session, entity, expected_version)
    if entity.status in BOUND:
        text.require(cleared(entity, kept, OF_ENTITY))
    lists = {kind: kept.pop(name) for name, kind in TAG_LISTS.items() if name in kept}
    relisted = await replace_tags(session, entity_id, lists)
    if apply(entity, kept) or relisted:
        entity.version += 1
    await session.flush()
    return entity


async def update_user(session: AsyncSession, viewer: Viewer, patch: Patch, *, region: str) -> User:
    """Change what the viewer says of themself. Raises InvalidInput.

    Needs no version: users edit themselves, and fields that are not in the patch are left alone.
    """
    kept = read_patch(patch, user_readers(region))
    user = await lock_viewer(session, viewer)
    if viewer.trades:
        text.require(cleared(user, kept, OF_USER))
    if apply(user, kept):
        user.version += 1
    await session.flush()
    return user


async def lock_there(session: AsyncSession, entity_id: UUID) -> Entity:
    """The entity, locked. Raises EntityNotFound if there is none, or none any more."""
    entity = await queries.find_locked(session, entity_id)
    if entity is None or entity.deleted_at is not None:
        raise EntityNotFound
    return entity


async def require_version(session: AsyncSession, entity: Entity, expected: int) -> None:
    """Raise EntityChanged unless the entity is as the caller has read it; it must be locked."""
    if entity.version != expected:
        changed = await changed_since(session, Entity, entity.id, version=expected)
        raise EntityChanged(version=entity.version, changed=changed)
