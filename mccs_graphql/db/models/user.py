"""Those who log in: users, their sessions, their memberships, and admins."""

from datetime import datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    func,
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
from mccs_graphql.settings import Language

EMAIL_MAX = 100
PERSON_NAME_MAX = 100
TELEPHONE_MAX = 25
ADDRESS_MAX = 45
"""An IPv6 address at its longest, with an IPv4 address inside."""
DEVICE_MAX = 200
HASH_BYTES = 32
TIME_ZONE_MAX = 64


class User(Record):
    """A login: a person or a software agent; may manage many entities.

    ``previously_logged_in_at`` is the log-in before the last one; signing up counts as the first.
    ``pending_email`` is to become ``email`` once somebody who reads its mails has said so.
    ``second_factor_at`` is since when a second factor is needed to log in. ``version`` is raised,
    under the row's lock, by each change of what the user says, and of the address. One with
    ``deleted_at`` is nobody any more: the row stays as others refer to it. The last four are what
    admins sort and find users by, computed in the database; who never logged in was seen last
    when signing up.
    Without a ``language`` mails are in the community's, and without a ``time_zone`` hours are too.
    Between ``quiet_from`` and ``quiet_to``, by the user's clock, mails wait that can. The links by
    which mails are turned off are made with the ``unsubscribe_key``.
    """

    __tablename__ = "users"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(EMAIL_MAX))
    password_hash: Mapped[str]
    first_name: Mapped[str] = mapped_column(String(PERSON_NAME_MAX), default="")
    last_name: Mapped[str] = mapped_column(String(PERSON_NAME_MAX), default="")
    telephone: Mapped[str] = mapped_column(String(TELEPHONE_MAX), default="")
    language: Mapped[Language | None] = mapped_column(one_of(Language, name="language"))
    created_at: Mapped[Created]
    logged_in_at: Mapped[datetime | None]
    previously_logged_in_at: Mapped[datetime | None]
    email_verified_at: Mapped[datetime | None]
    pending_email: Mapped[str | None] = mapped_column(String(EMAIL_MAX))
    log_in_address: Mapped[str | None] = mapped_column(String(ADDRESS_MAX))
    previous_log_in_address: Mapped[str | None] = mapped_column(String(ADDRESS_MAX))
    second_factor_at: Mapped[datetime | None]
    time_zone: Mapped[str | None] = mapped_column(String(TIME_ZONE_MAX))
    quiet_from: Mapped[time | None]
    quiet_to: Mapped[time | None]
    unsubscribe_key: Mapped[UUID] = mapped_column(
        server_default=func.gen_random_uuid(), deferred=True
    )
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    deleted_at: Mapped[datetime | None]
    sort_name: Mapped[SortName] = mapped_column(
        Computed("sort_key(last_name || ' ' || first_name)", persisted=True), deferred=True
    )
    email_key: Mapped[SortName] = mapped_column(
        Computed("lower(email)", persisted=True), deferred=True
    )
    seen_at: Mapped[datetime] = mapped_column(
        Computed("COALESCE(logged_in_at, created_at)", persisted=True), deferred=True
    )
    beginnings: Mapped[Texts] = mapped_column(
        Computed("beginnings_of(last_name || ' ' || first_name)", persisted=True), deferred=True
    )

    __table_args__ = (
        CheckConstraint("(quiet_from IS NULL) = (quiet_to IS NULL)", name="quiet_hours"),
        Index("uq_users_email", func.lower(email), unique=True),
        Index("ix_users_name", "sort_name", "id"),
        Index("ix_users_email", "email_key", "id"),
        Index("ix_users_created", "created_at", "id"),
        Index("ix_users_seen", "seen_at", "id"),
        Index(
            "ix_users_second_factor", "id", postgresql_where=text("second_factor_at IS NOT NULL")
        ),
        gin_index("ix_users_beginnings", "beginnings"),
    )


class UserSession(Record):
    """A log-in that is still good, with the hashes of what its next token is known by.

    A refresh token is the session's own secret and one that changes at each refresh. The nonce is
    what the last change was made with: with the token before, it makes the same one again.
    """

    __tablename__ = "user_sessions"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    family_hash: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES), unique=True)
    refresh_hash: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES))
    previous_refresh_hash: Mapped[bytes | None] = mapped_column(LargeBinary(HASH_BYTES))
    refresh_nonce: Mapped[bytes | None] = mapped_column(LargeBinary(HASH_BYTES))
    device: Mapped[str] = mapped_column(String(DEVICE_MAX))
    address: Mapped[str] = mapped_column(String(ADDRESS_MAX))
    created_at: Mapped[Created]
    refreshed_at: Mapped[Created]
    expires_at: Mapped[datetime]


class Role(StrEnum):
    """What a member of an entity is there; ``domain.access`` says what each may do."""

    OWNER = "OWNER"
    TRADER = "TRADER"
    EDITOR = "EDITOR"
    VIEWER = "VIEWER"


class Membership(Record):
    """A user belongs to an entity and may act for it, as far as the role goes."""

    __tablename__ = "memberships"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    entity_id: Mapped[UUID] = mapped_column(ForeignKey("entities.id"), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(one_of(Role, name="role"), server_default=Role.OWNER)
    created_at: Mapped[Created]


class AdminRole(StrEnum):
    """What an admin is, the highest first; each may do what those after it may."""

    OWNER = "OWNER"
    ADMIN = "ADMIN"
    MODERATOR = "MODERATOR"
    AUDITOR = "AUDITOR"

    def reaches(self, least: "AdminRole") -> bool:
        """Whether this is ``least`` or above it."""
        order = list(AdminRole)
        return order.index(self) <= order.index(least)


class Admin(Record):
    """A user who runs the community, and therefore belongs to no entity: triggers see to that.

    ``created_by`` is the admin who made this one; None for those of the command line.
    """

    __tablename__ = "admins"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[AdminRole] = mapped_column(one_of(AdminRole, name="role"))
    created_at: Mapped[Created]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
