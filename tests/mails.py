"""The mails that wait in the outbox, and the tokens they would carry."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    ContactMessage,
    Invitation,
    Mail,
    MailKind,
    Role,
    TokenPurpose,
    User,
)
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.domain.identity.one_time import LIFETIMES, Letter, write_letter
from tests.factories import Member


async def mails_to(database: Database, email: str) -> list[MailKind]:
    """What waits for the user with this address, oldest first."""
    async with database.reading() as session:
        found = await session.scalars(
            select(Mail.kind)
            .join(User, User.id == Mail.user_id)
            .where(User.email == email)
            .order_by(Mail.id)
        )
        return list(found)


async def letter_to(database: Database, user_id: UUID, kind: MailKind) -> Letter | None:
    """The last mail of this kind to a user, as its sender would write it now."""
    async with database.writing() as session:
        mail = await session.scalar(
            select(Mail)
            .where(Mail.user_id == user_id, Mail.kind == kind)
            .order_by(Mail.id.desc())
            .limit(1)
        )
        assert mail, "no such mail waits"
        return await write_letter(session, mail)


async def token_for(database: Database, user_id: UUID, kind: MailKind) -> str:
    """The token in the last mail of this kind to a user."""
    letter = await letter_to(database, user_id, kind)
    assert letter
    return letter.token


async def queue(
    database: Database,
    to: Member | None,
    kind: MailKind = MailKind.PASSWORD_RESET,
    **facts: str | bool,
) -> UUID:
    """A mail that is due to a member, or to nobody; its id."""
    mail = Mail(id=uuid7(), user_id=to.user_id if to else None, kind=kind, facts=facts)
    async with database.writing() as session:
        session.add(mail)
    return mail.id


async def queue_contact(
    database: Database, sender: Member, receiver: Member, body: str = "Do you bake?"
) -> UUID:
    """The mail with a message from one entity to another; its id."""
    message = ContactMessage(
        id=uuid7(),
        sender_id=sender.entity_id,
        receiver_id=receiver.entity_id,
        user_id=sender.user_id,
        body=body,
        idempotency_key=uuid7(),
        request_hash=bytes(32),
    )
    mail = Mail(
        id=uuid7(),
        kind=MailKind.CONTACT,
        receiver_id=receiver.entity_id,
        facts={"message_id": str(message.id)},
    )
    async with database.writing() as session:
        session.add_all([message, mail])
    return mail.id


async def queue_invitation(
    database: Database, by: Member, email: str, *, message: str = "", times: int = 1
) -> Invitation:
    """Somebody is invited to the member's entity, so many mails about it being due."""
    now = datetime.now(UTC)
    invitation = Invitation(
        id=uuid7(),
        entity_id=by.entity_id,
        email=email,
        role=Role.TRADER,
        message=message,
        invited_by=by.user_id,
        expires_at=now + LIFETIMES[TokenPurpose.ACCEPT_INVITATION],
    )
    async with database.writing() as session:
        session.add(invitation)
    for _ in range(times):
        await queue(database, None, MailKind.INVITATION, invitation_id=str(invitation.id))
    return invitation


async def mail_of(database: Database, mail_id: UUID) -> Mail:
    """The row as it is now."""
    async with database.reading() as session:
        return await session.get_one(Mail, mail_id)


async def change(database: Database, mail_id: UUID, **values: Any) -> None:
    """Make a mail what it would take long to become."""
    async with database.writing() as session:
        await session.execute(update(Mail).where(Mail.id == mail_id).values(**values))


async def pass_time(database: Database, period: timedelta) -> None:
    """Let everything about mails have happened so much earlier."""
    async with database.writing() as session:
        await session.execute(
            update(Mail).values(
                created_at=Mail.created_at - period,
                attempted_at=Mail.attempted_at - period,
                next_attempt_at=Mail.next_attempt_at - period,
            )
        )


async def waits_for(database: Database, mail_id: UUID) -> timedelta:
    """How long it is until the mail is due."""
    async with database.reading() as session:
        wait: timedelta | None = await session.scalar(
            select(Mail.next_attempt_at - func.now()).where(Mail.id == mail_id)
        )
        assert wait is not None
        return wait


async def states(database: Database) -> list[str]:
    """The states of all mails, oldest first."""
    async with database.reading() as session:
        return list(await session.scalars(text("SELECT state FROM mails ORDER BY id")))
