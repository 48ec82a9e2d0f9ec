"""What brings those who offer something together with those who want it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.directory import TagKind
from mccs_graphql.db.models.record import Created, Record, one_of

QUALITY_MAX = 31


class TagKin(Record):
    """Two tags that are alike enough to match; kept from both sides, with one ``quality``."""

    __tablename__ = "tag_kin"

    tag_id: Mapped[UUID] = mapped_column(
        ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True
    )
    kin_id: Mapped[UUID] = mapped_column(
        ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    quality: Mapped[str] = mapped_column(String(QUALITY_MAX))

    __table_args__ = (
        CheckConstraint("tag_id <> kin_id", name="two_tags"),
        CheckConstraint("quality IN ('exact', 'prefix', 'inside', 'similar')", name="quality"),
    )


class NewListing(Record):
    """A listed entity began to carry a tag, and not all that it matches have been told.

    Those with an id up to ``position`` have. Rows are taken up from ``due_at`` on, the one that is
    due longest first; ``attempts`` counts those in a row that failed.
    """

    __tablename__ = "new_listings"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    entity_id: Mapped[UUID] = mapped_column(ForeignKey("entities.id"))
    kind: Mapped[TagKind] = mapped_column(one_of(TagKind, name="kind"))
    tag_id: Mapped[UUID] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"))
    created_at: Mapped[Created]
    position: Mapped[UUID | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("ix_new_listings_due", "due_at", "id"),
        Index("ix_new_listings_entity", "entity_id", "id"),
        Index("ix_new_listings_tag_id", "tag_id"),
    )
