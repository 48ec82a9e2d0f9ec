"""The mails that wait in the outbox, and the tokens they would carry."""

from uuid import UUID

from sqlalchemy import select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Mail, MailKind, User
from mccs_graphql.domain.identity.one_time import Letter, write_letter


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
