"""After a deletion no table tells who it was, whatever they had."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    ApiToken,
    Invitation,
    Mail,
    MailKind,
    OneTimeToken,
    RecoveryCode,
    Role,
    SecondFactor,
    UserSession,
)
from mccs_graphql.domain.identity.one_time import write_letter
from mccs_graphql.domain.identity.sealing import Seal
from tests.access.askers import join
from tests.administration.desk import Desk
from tests.administration.remains import tables_with
from tests.factories import MakeMember, Member, make_agent
from tests.invitations import Memberships
from tests.mails import queue
from tests.profiles import Profiles
from tests.second_factors import enrol
from tests.webhooks import make_webhook

PLACE = "203.0.113.77"


async def use_token(database: Database, of: Member, *, name: str) -> Member:
    """The member as software with a token of this name, which was used."""
    agent = await make_agent(database, of)
    token = ApiToken.created_by == of.user_id
    async with database.writing() as session:
        await session.execute(
            update(ApiToken).where(token).values(name=name, last_used_address=PLACE)
        )
    return agent


async def write_letters(database: Database) -> None:
    """As if the mails with invitations had been sent, but for being still there."""
    async with database.writing() as session:
        for mail in await session.scalars(select(Mail).where(Mail.kind == MailKind.INVITATION)):
            await write_letter(session, mail)


async def rows(database: Database, model: type, *where: object) -> int:
    async with database.reading() as session:
        return len((await session.scalars(select(model).where(*where))).all())  # type: ignore[arg-type]


async def test_no_table_tells_who_a_deleted_user_was(
    desk: Desk, make: MakeMember, database: Database, profiles: Profiles, memberships: Memberships
) -> None:
    ana, ben = await make(email="quillfeather@example.com"), await make()
    await profiles.update_user(ana, lastName="Quillfeather", telephone="+442079460713")
    await desk.delete(ana)
    await join(database, ana, ben, Role.OWNER)
    at_ben = replace(ana, entity_id=ben.entity_id)
    await memberships.invite(at_ben, "guest@example.com", message="Yours, Quillfeather")
    await memberships.invite(await make(), "QuillFeather@example.com")
    await write_letters(database)
    await use_token(database, at_ben, name="Quillfeather's till")
    await enrol(database, ana, seal=Seal(""), at=datetime.now(UTC))
    facts = {"address": PLACE, "device": "Quillfeather's telephone"}
    await queue(database, ana, MailKind.NEW_DEVICE, **facts)
    of_ana = UserSession.user_id == ana.user_id
    async with database.writing() as session:
        await session.execute(update(UserSession).where(of_ana).values(device=facts["device"]))
    assert await tables_with(database, "quillfeather") == {
        *("users", "user_sessions", "api_tokens", "invitations", "one_time_tokens", "mails"),
        "audit_entries",
    }
    assert await tables_with(database, "7946_0713") == {"users", "audit_entries"}
    assert await tables_with(database, PLACE) == {"api_tokens", "mails"}

    result = await desk.delete_user(ana, version=2)

    assert result["__typename"] == "DeleteUserPayload", result
    for word in ("quillfeather", "7946_0713", PLACE):
        assert await tables_with(database, word) == set()
    for model in (SecondFactor, RecoveryCode, OneTimeToken):
        assert await rows(database, model, model.user_id == ana.user_id) == 0


async def test_no_table_tells_what_a_deleted_entity_was(
    desk: Desk, make: MakeMember, database: Database, profiles: Profiles, memberships: Memberships
) -> None:
    ana = await make(entity_name="Wrenhollow")
    said = {"email": "wrenhollow@example.com", "telephone": "+442079460714"}
    await profiles.updated(ana, description="We are Wrenhollow.", **said)
    await memberships.invite(ana, "guest@wrenhollow.example", message="Come to Wrenhollow")
    await write_letters(database)
    await use_token(database, ana, name="Wrenhollow's till")
    await make_webhook(database, ana, "http://localhost:9/wrenhollow")
    await desk.decide(ana, "ACCEPTED", version=2, message="Welcome, Wrenhollow.")
    assert await tables_with(database, "wrenhollow") == {
        *("entities", "api_tokens", "invitations", "one_time_tokens", "mails", "audit_entries"),
        "webhooks",
    }

    result = await desk.delete(ana, version=3)

    assert result["__typename"] == "DeleteEntityPayload", result
    for word in ("wrenhollow", "7946_0714", PLACE):
        assert await tables_with(database, word) == set()


async def test_mails_that_would_name_a_deleted_user_go(
    desk: Desk, make: MakeMember, database: Database
) -> None:
    ana, ben = await make(), await make()
    await join(database, ana, ben, Role.OWNER)
    about = {"entity_id": str(ben.entity_id), "role": "OWNER"}
    await queue(database, ben, MailKind.MEMBER_JOINED, user_id=str(ana.user_id), **about)
    await queue(database, ben, MailKind.ROLE_CHANGED, changed_by=str(ana.user_id), **about)
    await desk.delete(ana)

    await desk.delete_user(ana)

    kept = Mail.user_id == ben.user_id
    assert await rows(database, Mail, kept, Mail.kind == MailKind.MEMBER_JOINED) == 0
    assert await rows(database, Mail, kept, Mail.kind == MailKind.ROLE_CHANGED) == 1


async def test_tokens_of_what_is_deleted_are_revoked(
    desk: Desk, make: MakeMember, database: Database
) -> None:
    ana, ben = await make(), await make()
    await use_token(database, ana, name="Of the entity")
    await join(database, ana, ben, Role.OWNER)
    good = (ApiToken.created_by == ana.user_id, ApiToken.revoked_at.is_(None))

    await desk.delete(ana)
    assert await rows(database, ApiToken, *good) == 0
    await use_token(database, replace(ana, entity_id=ben.entity_id), name="Of the user")
    await desk.delete_user(ana)

    assert await rows(database, ApiToken, *good) == 0
    assert await rows(database, ApiToken, ApiToken.created_by == ana.user_id) == 2


async def test_invitations_to_others_stay(
    desk: Desk, make: MakeMember, database: Database, memberships: Memberships
) -> None:
    ana, ben = await make(), await make()
    invited = await memberships.invite(ben, "another@example.com")
    await desk.delete(ana)
    await desk.delete_user(ana)

    assert invited["__typename"] == "InvitationPayload"
    assert await rows(database, Invitation, Invitation.entity_id == ben.entity_id) == 1
