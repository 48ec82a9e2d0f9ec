"""What the town's businesses offer and want, and the headings they are filed under."""

from collections.abc import Iterator, Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.communities.sample.members import Party
from mccs_graphql.communities.sample.town import Business, Town
from mccs_graphql.db.models import Category, EntityCategory, EntityTag, Tag, TagKind
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.domain.directory.kin import relate
from mccs_graphql.domain.directory.tags import parse_tag


async def add_listings(session: AsyncSession, town: Town, parties: Mapping[str, Party]) -> None:
    """Add tags, headings, and which of them each business carries."""
    names = dict.fromkeys(name for _, name in _tags_of(*town.entities))
    tags = {name: Tag(id=uuid7(), name=name) for name in names}
    names = dict.fromkeys(name for business in town.entities for name in business.categories)
    headings = {name: Category(id=uuid7(), name=name) for name in names}
    session.add_all([*tags.values(), *headings.values()])
    await session.flush()
    await relate(session, {name: tag.id for name, tag in tags.items()})
    for business in town.entities:
        entity = parties[business.name].entity
        session.add_all(
            EntityTag(
                entity_id=entity.id, kind=kind, tag_id=tags[name].id, created_at=entity.created_at
            )
            for kind, name in _tags_of(business)
        )
        session.add_all(
            EntityCategory(entity_id=entity.id, category_id=headings[name].id)
            for name in business.categories
        )
    await session.flush()


def _tags_of(*businesses: Business) -> Iterator[tuple[TagKind, str]]:
    for business in businesses:
        yield from ((TagKind.OFFER, parse_tag(text)) for text in business.offers)
        yield from ((TagKind.WANT, parse_tag(text)) for text in business.wants)
