"""Those who log in: users, their sessions, their memberships, and admins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, func
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Created, Id, Record

EMAIL_MAX = 100
PERSON_NAME_MAX = 100
TELEPHONE_MAX = 25


class User(Record):
    """A login: a person or a software agent; may manage many entities.

    ``previously_logged_in_at`` is the log-in before the last one; signing up counts as the first.
    """

    __tablename__ = "users"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(EMAIL_MAX))
    password_hash: Mapped[str]
    first_name: Mapped[str] = mapped_column(String(PERSON_NAME_MAX), default="")
    last_name: Mapped[str] = mapped_column(String(PERSON_NAME_MAX), default="")
    telephone: Mapped[str] = mapped_column(String(TELEPHONE_MAX), default="")
    created_at: Mapped[Created]
    logged_in_at: Mapped[datetime | None]
    previously_logged_in_at: Mapped[datetime | None]

    __table_args__ = (Index("uq_users_email", func.lower(email), unique=True),)


class UserSession(Record):
    """A log-in that is still good. Only a hash of its token is kept."""

    __tablename__ = "user_sessions"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]


class Membership(Record):
    """A user may act for an entity."""

    __tablename__ = "memberships"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    entity_id: Mapped[UUID] = mapped_column(ForeignKey("entities.id"), primary_key=True, index=True)
    created_at: Mapped[Created]


class Admin(Record):
    """One who runs the community; apart from the users, so that no user becomes one by accident."""

    __tablename__ = "admins"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(EMAIL_MAX))
    name: Mapped[str] = mapped_column(String(PERSON_NAME_MAX), default="")
    password_hash: Mapped[str]
    created_at: Mapped[Created]

    __table_args__ = (Index("uq_admins_email", func.lower(email), unique=True),)
