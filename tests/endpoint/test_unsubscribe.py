"""Turning mails off by a link, without logging in."""

import base64
import re
from uuid import UUID, uuid4

import pytest
from httpx import Response
from sqlalchemy import func, select, update

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import ActorKind, AuditEntry, NoticeKind, NoticePreference, User
from mccs_graphql.domain.notices.preferences import wants_mail
from mccs_graphql.domain.notices.unsubscribing import token_for
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member

PROPOSED = NoticeKind.TRANSFER_PROPOSED
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def token_of(database: Database, member: Member, kind: NoticeKind = PROPOSED) -> str:
    async with database.reading() as session:
        return await token_for(session, member.user_id, kind)


async def wants(database: Database, member: Member, kind: NoticeKind = PROPOSED) -> bool:
    async with database.reading() as session:
        return bool(await wants_mail(session, [member.user_id], kind))


async def click(graphql: GraphQLClient, token: str) -> Response:
    return await graphql.http.post("/unsubscribe", params={"token": token}, data=ONE_CLICK)


def with_letters(token: str, user_id: UUID | None = None, last: bytes = b"\0") -> str:
    """The token with another user in it, or another end."""
    kind, _, letters = token.partition(".")
    content = base64.urlsafe_b64decode(f"{letters}==")
    content = (user_id.bytes + content[16:]) if user_id else content[:-1] + last
    return f"{kind}.{base64.urlsafe_b64encode(content).rstrip(b'=').decode()}"


FORGED = {
    "nothing": lambda _token, _of: "",
    "no letters": lambda _token, _of: "transfer_proposed.",
    "no kind": lambda token, _of: token.partition(".")[2],
    "unknown kind": lambda token, _of: f"birthdays.{token.partition('.')[2]}",
    "another kind": lambda token, _of: f"transfer_completed.{token.partition('.')[2]}",
    "mandatory kind": lambda token, _of: f"new_device.{token.partition('.')[2]}",
    "another user": with_letters,
    "nobody": lambda token, _of: with_letters(token, uuid4()),
    "another end": lambda token, _of: with_letters(token),
    "cut off": lambda token, _of: token[:-4],
    "longer": lambda token, _of: f"{token}AAAA",
    "NUL": lambda token, _of: f"{token}\0",
    "very long": lambda token, _of: token * 500,
}


@pytest.mark.parametrize("way", FORGED)
async def test_forged_token_turns_nothing_off_and_all_get_the_same_answer(
    graphql: GraphQLClient, make: MakeMember, database: Database, way: str
) -> None:
    ana, ben = await make(), await make()
    forged = FORGED[way](await token_of(database, ana), ben.user_id)  # type: ignore[no-untyped-call]
    nonsense = await click(graphql, "x")

    for answer in (
        await click(graphql, forged),
        await graphql.http.get("/unsubscribe", params={"token": forged}),
    ):
        assert (answer.status_code, answer.text) == (400, nonsense.text)

    assert await wants(database, ana)
    assert await wants(database, ben)


async def test_link_that_is_only_opened_changes_nothing(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana = await make()
    token = await token_of(database, ana)

    for method in ("GET", "HEAD"):
        answer = await graphql.http.request(method, "/unsubscribe", params={"token": token})
        assert answer.status_code == 200

    assert await wants(database, ana)
    async with database.reading() as session:
        mine = NoticePreference.user_id == ana.user_id
        assert await session.scalar(select(func.count()).where(mine)) == 0


async def test_page_asks_with_a_button_and_says_what_it_is_about(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    token = await token_of(database, await make())

    english, german = [
        await graphql.http.get(
            "/unsubscribe", params={"token": token}, headers={"Accept-Language": said}
        )
        for said in ("en-GB,en", "fr, de;q=0.8")
    ]

    assert '<form method="post">' in english.text
    assert "transfers that are proposed to you" in english.text
    assert "Überweisungen, die dir vorgeschlagen werden" in german.text
    assert "<script" not in english.text
    assert "form-action 'self'" in english.headers["Content-Security-Policy"]


async def test_one_click_turns_off_mails_of_this_kind_alone(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana, ben = await make(), await make()
    token = await token_of(database, ana)

    for _ in range(2):
        assert (await click(graphql, token)).status_code == 200

    assert not await wants(database, ana)
    assert await wants(database, ana, NoticeKind.TRANSFER_COMPLETED)
    assert await wants(database, ben)


async def test_it_leaves_an_entry_in_the_trail(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana = await make()

    await click(graphql, await token_of(database, ana))

    async with database.reading() as session:
        (entry,) = await session.scalars(
            select(AuditEntry).where(
                AuditEntry.action == "unsubscribe", AuditEntry.subjects.contains([ana.user_id])
            )
        )
    assert entry.actor_kind is ActorKind.VISITOR
    assert entry.fields == ["NoticePreference.wanted"]


async def test_links_of_a_user_who_is_deleted_are_no_good(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana = await make()
    token = await token_of(database, ana)
    async with database.writing() as session:
        await session.execute(
            update(User).where(User.id == ana.user_id).values(deleted_at=func.now())
        )

    assert (await click(graphql, token)).status_code == 400


async def test_those_who_try_many_tokens_have_to_wait(empty_settings: Settings) -> None:
    app = create_app(empty_settings.model_copy(update={"rate_visitor": 50}))
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
        answers = [await click(graphql, f"x{number}") for number in range(6)]

    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert re.fullmatch(r"\d+", answers[-1].headers["Retry-After"])
