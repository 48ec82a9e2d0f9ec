"""What time and others do between the calls, so that there is always something left to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from pyotp import TOTP
from sqlalchemy import delete, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import (
    Admin,
    Entity,
    Mail,
    MailKind,
    Membership,
    Role,
    SecondFactor,
    User,
)
from mccs_graphql.domain.identity import second_factor, totp
from mccs_graphql.domain.identity.one_time import PURPOSES, write_letter
from mccs_graphql.domain.identity.sealing import Seal
from tests.fuzzing.senders import ADMIN_ROLES, ROLES_AT_ANAS, STANDINGS, Sender

LETTERS_OF_A_KIND = 4
GOES_INTO = {
    MailKind.EMAIL_VERIFICATION: ("MailTokenInput.token",),
    MailKind.EMAIL_CHANGE: ("MailTokenInput.token",),
    MailKind.EMAIL_CHANGE_NOTICE: ("MailTokenInput.token",),
    MailKind.PASSWORD_RESET: ("ResetPasswordInput.token",),
    MailKind.INVITATION: ("InvitationTokenInput.token", "SignUpWithInvitationInput.token"),
}
"""Where the token of a mail is of use; now and then it is sent elsewhere."""
A_DAY_PASSES = (
    "UPDATE contact_messages SET created_at = created_at - interval '1 day'",
    "UPDATE api_tokens SET revoked_at = NULL, spent = 0 WHERE token_hash = :robot",
    "UPDATE api_tokens SET revoked_at = now() WHERE token_hash <> :robot AND revoked_at IS NULL",
    "SELECT 1 FROM webhooks FOR UPDATE",  # what is called just now adds no attempt to it
    "DELETE FROM webhook_attempts",
    "DELETE FROM webhooks w USING webhooks o WHERE o.entity_id = w.entity_id AND o.id < w.id",
)
"""Of the API tokens only the planted one is left, and one webhook of each entity: it may have a few
only."""


@dataclass(frozen=True)
class Order:
    """How things are to be: who is who, and what they log in with."""

    senders: Mapping[str, Sender]
    password_hash: str
    robot_hash: bytes

    async def restore(self, session: AsyncSession) -> None:
        """Standings, roles, passwords and the planted API token are as they were."""
        await self._restore_users(session)
        await self._restore_members(session)
        await self._restore_admins(session)
        for statement in A_DAY_PASSES:
            given = {"robot": self.robot_hash} if ":robot" in statement else {}
            await session.execute(text(statement), given)

    async def _restore_users(self, session: AsyncSession) -> None:
        user_ids = [sender.user_id for sender in self.senders.values() if sender.user_id]
        of = User.id.in_(user_ids)
        await session.execute(
            update(User).where(of).values(password_hash=self.password_hash, deleted_at=None)
        )

    async def _restore_members(self, session: AsyncSession) -> None:
        """Who has founded or joined something since has left it: nobody belongs to too many."""
        for name, (status, _) in STANDINGS.items():
            of = Entity.id == self.senders[name].entity_id
            await session.execute(update(Entity).where(of).values(status=status, deleted_at=None))
        wanted = list(self._memberships())
        kept = tuple_(Membership.user_id, Membership.entity_id).in_(
            [(row["user_id"], row["entity_id"]) for row in wanted]
        )
        users = [sender.user_id for sender in self.senders.values() if sender.user_id]
        await session.execute(delete(Membership).where(Membership.user_id.in_(users), ~kept))
        insertion = insert(Membership).values(wanted)
        await session.execute(
            insertion.on_conflict_do_update(
                index_elements=["user_id", "entity_id"], set_={"role": insertion.excluded.role}
            )
        )

    def _memberships(self) -> Iterator[dict[str, object]]:
        for name in STANDINGS:
            of = self.senders[name]
            yield {"user_id": of.user_id, "entity_id": of.entity_id, "role": Role.OWNER}
        for name, role in ROLES_AT_ANAS.items():
            anas = self.senders["ana"].entity_id
            yield {"user_id": self.senders[name].user_id, "entity_id": anas, "role": role}

    async def _restore_admins(self, session: AsyncSession) -> None:
        wanted = [
            {"user_id": self.senders[name].user_id, "role": role}
            for name, role in ADMIN_ROLES.items()
        ]
        insertion = insert(Admin).values(wanted)
        await session.execute(
            insertion.on_conflict_do_update(
                index_elements=["user_id"], set_={"role": insertion.excluded.role}
            )
        )


async def write_letters(session: AsyncSession) -> dict[str, list[str]]:
    """The tokens of the latest mails, by what they are of use for."""
    tokens: dict[str, list[str]] = {}
    for kind in PURPOSES:
        latest = select(Mail).where(Mail.kind == kind).order_by(Mail.id.desc())
        for mail in await session.scalars(latest.limit(LETTERS_OF_A_KIND)):
            if letter := await write_letter(session, mail):
                for place in GOES_INTO[kind]:
                    tokens.setdefault(place, []).append(letter.token)
    return tokens


async def codes_of(session: AsyncSession, user_id: UUID, *, seal: Seal) -> Sequence[str]:
    """What the user's app shows now and next, neither used yet."""
    row = await session.get(SecondFactor, user_id)
    if row is None:
        return []
    row.used_step = None
    app, now = TOTP(totp.base32(second_factor.opened(row, seal))), datetime.now(UTC)
    return [app.at(now), app.at(now, counter_offset=1)]
