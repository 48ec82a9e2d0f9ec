"""Entities: the listed businesses, organisations and people."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Computed, Index, String, false, func, text
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
from mccs_graphql.db.models.user import EMAIL_MAX, TELEPHONE_MAX

ENTITY_NAME_MAX = 100
INC_TYPE_MAX = 25
COMPANY_NUMBER_MAX = 20
WEBSITE_MAX = 100
DESCRIPTION_MAX = 500
ADDRESS_MAX = 255
PLACE_MAX = 50
POSTAL_CODE_MAX = 10
TURNOVER_MAX = 10**15 - 1
"""Whole units; every client's numbers are exact so far."""

INC_TYPES = ("plc", "ltd", "guar", "unltd", "llp", "cic", "ips", "sole")
"""The original's forms of enterprise; imported entities may have others."""


class EntityStatus(StrEnum):
    """How far an entity has come: the original's six, only the last but one trades."""

    PENDING = "pending"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    TRADING_PENDING = "tradingPending"
    TRADING_ACCEPTED = "tradingAccepted"
    TRADING_REJECTED = "tradingRejected"


LISTED = (
    EntityStatus.ACCEPTED,
    EntityStatus.TRADING_PENDING,
    EntityStatus.TRADING_ACCEPTED,
    EntityStatus.TRADING_REJECTED,
)
"""The statuses the directory shows; others exist for their own members only."""


class Entity(Record):
    """A listed business, organisation or person; may be managed by many users.

    ``version`` is raised, under the row's lock, by each change to the entity or to its tags.
    ``sort_name``, ``listed`` and ``terms`` are what the directory sorts and finds it by; they are
    computed in the database, by the functions of migration 0004. ``email_key`` and ``turnover_key``
    are what admins sort and find it by besides; who does not say a turnover comes before those who
    do. One with ``deleted_at`` has nothing left but its account and its transfers.
    """

    __tablename__ = "entities"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(ENTITY_NAME_MAX))
    status: Mapped[EntityStatus] = mapped_column(
        one_of(EntityStatus, name="status"), default=EntityStatus.PENDING
    )
    email: Mapped[str] = mapped_column(String(EMAIL_MAX), default="")
    telephone: Mapped[str] = mapped_column(String(TELEPHONE_MAX), default="")
    inc_type: Mapped[str] = mapped_column(String(INC_TYPE_MAX), default="")
    company_number: Mapped[str] = mapped_column(String(COMPANY_NUMBER_MAX), default="")
    website: Mapped[str] = mapped_column(String(WEBSITE_MAX), default="")
    declared_turnover: Mapped[int | None]
    description: Mapped[str] = mapped_column(String(DESCRIPTION_MAX), default="")
    address: Mapped[str] = mapped_column(String(ADDRESS_MAX), default="")
    city: Mapped[str] = mapped_column(String(PLACE_MAX), default="")
    region: Mapped[str] = mapped_column(String(PLACE_MAX), default="")
    postal_code: Mapped[str] = mapped_column(String(POSTAL_CODE_MAX), default="")
    country: Mapped[str] = mapped_column(String(PLACE_MAX), default="")
    show_tags_matched_since_last_login: Mapped[bool] = mapped_column(default=False)
    receive_daily_match_notification_email: Mapped[bool] = mapped_column(default=False)
    show_telephone: Mapped[bool] = mapped_column(default=False, server_default=false())
    show_declared_turnover: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[Created]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    deleted_at: Mapped[datetime | None]
    sort_name: Mapped[SortName] = mapped_column(Computed("sort_key(name)", persisted=True))
    listed: Mapped[bool] = mapped_column(Computed("is_listed(status)", persisted=True))
    terms: Mapped[Texts] = mapped_column(
        Computed("terms_of(name, description, city, region, country)", persisted=True),
        deferred=True,
    )
    email_key: Mapped[SortName] = mapped_column(
        Computed("lower(email)", persisted=True), deferred=True
    )
    turnover_key: Mapped[int] = mapped_column(
        Computed("COALESCE(declared_turnover, -1)", persisted=True), deferred=True
    )

    __table_args__ = (
        CheckConstraint("declared_turnover >= 0", name="turnover"),
        CheckConstraint("deleted_at IS NULL OR status = 'rejected'", name="deleted"),
        # Without the entities that nobody else may see.
        Index("ix_entities_listed", "sort_name", "id", postgresql_where=text("listed")),
        Index("ix_entities_newest", "created_at", "id", postgresql_where=text("listed")),
        gin_index("ix_entities_terms", "terms", where="listed"),
        # For admins, who look through all of them in any order.
        gin_index("ix_entities_unlisted_terms", "terms", where="NOT listed"),
        Index("ix_entities_name", "sort_name", "id"),
        Index("ix_entities_created", "created_at", "id"),
        Index("ix_entities_status", "status", "id"),
        Index("ix_entities_turnover", "turnover_key", "id"),
        Index("ix_entities_email", "email_key", "id"),
        Index("ix_entities_deleted", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
    )
