"""Invitations to become a member of an entity."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Created, Id, Record, one_of
from mccs_graphql.db.models.user import EMAIL_MAX, Role

INVITATION_MESSAGE_MAX = 500


class Invitation(Record):
    """Whoever reads the mails of ``email`` may become a member; gone once that is decided.

    An entity has one for each address, whatever the letters: inviting again renews it.
    """

    __tablename__ = "invitations"

    id: Mapped[Id]
    entity_id: Mapped[UUID] = mapped_column(ForeignKey("entities.id"))
    email: Mapped[str] = mapped_column(String(EMAIL_MAX))
    role: Mapped[Role] = mapped_column(one_of(Role, name="role"))
    message: Mapped[str] = mapped_column(String(INVITATION_MESSAGE_MAX))
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    invited_at: Mapped[Created]
    expires_at: Mapped[datetime]

    __table_args__ = (
        Index("uq_invitations_entity_id_email", entity_id, func.lower(email), unique=True),
    )
