"""What entities offer and want, and the headings they are filed under."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Created, Id, Record, one_of

TAG_MAX = 50
TAGS_MAX = 10
"""Offers of one entity, and again wants."""
CATEGORY_MAX = 50


class TagKind(StrEnum):
    """Which of an entity's two lists a tag stands in."""

    OFFER = "offer"
    WANT = "want"


class Tag(Record):
    """A word for goods or services, created by members and shared by all."""

    __tablename__ = "tags"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(TAG_MAX), unique=True)
    created_at: Mapped[Created]


class EntityTag(Record):
    """An entity offers or wants a tag; ``created_at`` says since when."""

    __tablename__ = "entity_tags"

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("entities.id"), primary_key=True)
    kind: Mapped[TagKind] = mapped_column(one_of(TagKind, name="kind"), primary_key=True)
    tag_id: Mapped[UUID] = mapped_column(ForeignKey("tags.id"), primary_key=True, index=True)
    created_at: Mapped[Created]


class Category(Record):
    """A directory heading, curated by admins."""

    __tablename__ = "categories"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(CATEGORY_MAX), unique=True)
    created_at: Mapped[Created]


class EntityCategory(Record):
    """An entity is filed under a heading."""

    __tablename__ = "entity_categories"

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("entities.id"), primary_key=True)
    category_id: Mapped[UUID] = mapped_column(
        ForeignKey("categories.id"), primary_key=True, index=True
    )
