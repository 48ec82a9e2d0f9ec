"""What a second factor is proved by: a secret shared with an app, and codes kept on paper."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Record
from mccs_graphql.db.models.user import HASH_BYTES

SEALED_SECRET_BYTES_MAX = 48
"""A sealed secret: its nonce, its 20 bytes, and what proves that nobody changed them."""


class SecondFactor(Record):
    """The secret of one user's authenticator app; without effect until ``User.second_factor_at``.

    It is ``sealed`` if the community has a secret to seal it with. ``used_step`` is the step of
    time of the last code that was accepted: no code of it or of one before is good any more.
    """

    __tablename__ = "second_factors"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary(SEALED_SECRET_BYTES_MAX))
    sealed: Mapped[bool]
    begun_at: Mapped[datetime]
    used_step: Mapped[int | None]


class RecoveryCode(Record):
    """A recovery code that has not been used; only its hash is kept, under the app's secret."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES), primary_key=True)
