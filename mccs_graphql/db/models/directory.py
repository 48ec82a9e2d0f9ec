"""What entities offer and want, and the headings they are filed under."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import (
    Created,
    Id,
    Record,
    SortName,
    Texts,
    gin_index,
    one_of,
)

TAG_MAX = 50
TAGS_MAX = 10
"""Offers of one entity, and again wants."""
CATEGORY_MAX = 50
CATEGORIES_MAX = 20
"""Of one entity."""


WORD_MAX = 40
"""Characters of a word that names and descriptions are found by; longer ones are cut."""


class TagKind(StrEnum):
    """Which of an entity's two lists a tag stands in."""

    OFFER = "offer"
    WANT = "want"


class Tag(Record):
    """A word for goods or services, created by members and shared by all.

    ``folded`` and ``grams`` are what it is found by; see the functions of migration 0004.
    ``curated`` ones were put there by admins, and are suggested though nobody carries them.
    """

    __tablename__ = "tags"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(TAG_MAX), unique=True)
    curated: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[Created]
    folded: Mapped[str] = mapped_column(Text, Computed("folded(name)", persisted=True))
    grams: Mapped[Texts] = mapped_column(Computed("grams_of(name)", persisted=True))

    __table_args__ = (gin_index("ix_tags_grams", "grams"),)


class EntityTag(Record):
    """An entity offers or wants a tag; ``created_at`` says since when.

    The database itself copies ``sort_name`` and ``listed`` from the entity, here and to its
    headings: a tag's entities are read in the order of the directory.
    """

    __tablename__ = "entity_tags"

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("entities.id"), primary_key=True)
    kind: Mapped[TagKind] = mapped_column(one_of(TagKind, name="kind"), primary_key=True)
    tag_id: Mapped[UUID] = mapped_column(ForeignKey("tags.id"), primary_key=True)
    created_at: Mapped[Created]
    sort_name: Mapped[SortName] = mapped_column(server_default=text("''"))
    listed: Mapped[bool] = mapped_column(server_default=false())

    __table_args__ = (
        Index(
            "ix_entity_tags_listing",
            "tag_id",
            "kind",
            "listed",
            "sort_name",
            "entity_id",
            postgresql_include=["created_at"],
        ),
    )


class Category(Record):
    """A directory heading, curated by admins. Names that make the same ``slug`` are the same."""

    __tablename__ = "categories"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(CATEGORY_MAX), unique=True)
    created_at: Mapped[Created]
    slug: Mapped[str] = mapped_column(
        String(2 * CATEGORY_MAX, collation="C"),
        Computed("slug_of(name)", persisted=True),
        unique=True,
    )
    sort_name: Mapped[SortName] = mapped_column(Computed("sort_key(name)", persisted=True))

    __table_args__ = (
        CheckConstraint("slug <> ''", name="slug"),
        Index("ix_categories_sort_name", "sort_name", "id"),
    )


class EntityCategory(Record):
    """An entity is filed under a heading."""

    __tablename__ = "entity_categories"

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("entities.id"), primary_key=True)
    category_id: Mapped[UUID] = mapped_column(ForeignKey("categories.id"), primary_key=True)
    sort_name: Mapped[SortName] = mapped_column(server_default=text("''"))
    listed: Mapped[bool] = mapped_column(server_default=false())

    __table_args__ = (
        Index("ix_entity_categories_listing", "category_id", "listed", "sort_name", "entity_id"),
    )


class Word(Record):
    """A word that occurs in a name or a description; the database itself notes them."""

    __tablename__ = "words"

    word: Mapped[str] = mapped_column(String(WORD_MAX, collation="C"), primary_key=True)
    grams: Mapped[Texts] = mapped_column(Computed("grams_of(word)", persisted=True))

    __table_args__ = (gin_index("ix_words_grams", "grams"),)


class Counted(StrEnum):
    """What listed entities are counted by; the first two are the kinds of tags."""

    OFFER = "offer"
    WANT = "want"
    CATEGORY = "category"
    ENTITY = "entity"


EVERYTHING = UUID(int=0)
"""The subject of the count of all listed entities."""


class ListingCount(Record):
    """A change of the number of listed entities that carry a tag or stand under a heading.

    The database itself adds one for each change; the sum of them is the number, at any moment.
    """

    __tablename__ = "listing_counts"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[Counted] = mapped_column(one_of(Counted, name="kind"))
    subject_id: Mapped[UUID]
    entities: Mapped[int]

    __table_args__ = (Index("ix_listing_counts_subject", "subject_id", "kind"),)
