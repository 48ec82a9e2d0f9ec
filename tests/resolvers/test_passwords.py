"""Changing a password, and resetting one that was forgotten."""

import asyncio
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

import pytest
from sqlalchemy import func, select, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Mail, MailKind, OneTimeToken, User
from tests.clients import GraphQLClient, Live
from tests.mails import letter_to, mails_to, token_for
from tests.resolvers.accounts import (
    ACCOUNT,
    CHANGE_PASSWORD,
    REQUEST_RESET,
    RESET,
    Account,
    Do,
    doing,
    open_account,
)
from tests.resolvers.test_events import error_code
from tests.resolvers.test_identity import LISTEN, LOG_IN, PASSWORD, VIEWER, logged_in, new_email

NEW_PASSWORD = "battery-staple-7"
INVALID = {
    "__typename": "OneTimeTokenInvalid",
    "code": "ONE_TIME_TOKEN_INVALID",
    "path": ["token"],
}
WEAK = ["short-1", "nodigits-here", "n0marksinhere", "a1-" * 34, "half\0-of-it-1"]


@pytest.fixture
async def ana(graphql: GraphQLClient) -> Account:
    return await open_account(graphql)


@pytest.fixture
def change(graphql: GraphQLClient) -> Do:
    return doing(graphql, CHANGE_PASSWORD)


@pytest.fixture
def request_reset(graphql: GraphQLClient) -> Do:
    return doing(graphql, REQUEST_RESET)


@pytest.fixture
def reset(graphql: GraphQLClient) -> Do:
    return doing(graphql, RESET)


async def fits(graphql: GraphQLClient, account: Account, password: str) -> bool:
    return "token" in await logged_in(graphql, account.email, password)


class TestChange:
    async def test_visitor_has_no_password(self, graphql: GraphQLClient) -> None:
        input_ = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
        assert await graphql.code(CHANGE_PASSWORD, input=input_) == "UNAUTHENTICATED"

    @pytest.mark.parametrize("current", ["", "!", PASSWORD.upper(), PASSWORD + "x"])
    async def test_needs_the_current_password(
        self, graphql: GraphQLClient, ana: Account, change: Do, current: str
    ) -> None:
        refused = await change(by=ana, currentPassword=current, newPassword=NEW_PASSWORD)

        assert (refused["code"], refused["path"]) == ("PASSWORD_WRONG", ["currentPassword"])
        assert await fits(graphql, ana, PASSWORD)

    @pytest.mark.parametrize("weak", WEAK)
    async def test_weak_password_is_refused(self, ana: Account, change: Do, weak: str) -> None:
        refused = await change(by=ana, currentPassword=PASSWORD, newPassword=weak)
        assert {tuple(problem["path"]) for problem in refused["problems"]} == {("newPassword",)}

    async def test_of_many_at_the_same_moment_one_wins(
        self, graphql: GraphQLClient, ana: Account, change: Do
    ) -> None:
        wishes = [f"{NEW_PASSWORD}-{number}" for number in range(6)]

        found = await asyncio.gather(
            *(change(by=ana, currentPassword=PASSWORD, newPassword=wish) for wish in wishes)
        )

        names = [each["__typename"] for each in found]
        assert sorted(names) == ["ChangePasswordPayload"] + ["PasswordWrong"] * 5
        assert await fits(graphql, ana, wishes[names.index("ChangePasswordPayload")])

    async def test_ends_the_other_sessions_and_their_sockets(
        self, graphql: GraphQLClient, live: Live, ana: Account, change: Do
    ) -> None:
        other = (await logged_in(graphql, ana.email, PASSWORD))["token"]
        async with live.subscription(LISTEN, by=other, id=ana.entity_id) as events:
            await events.next()

            done = await change(by=ana, currentPassword=PASSWORD, newPassword=NEW_PASSWORD)

            assert done["endedSessions"] == 1
            assert await error_code(events) == "UNAUTHENTICATED"
        assert await graphql.code(VIEWER, by=other) == "UNAUTHENTICATED"
        assert (await graphql(VIEWER, by=ana.token))["viewer"]["email"] == ana.email
        assert not await fits(graphql, ana, PASSWORD)
        assert await fits(graphql, ana, NEW_PASSWORD)

    async def test_overtakes_a_reset_that_is_under_way(
        self, ana: Account, change: Do, request_reset: Do, reset: Do, database: Database
    ) -> None:
        await request_reset(email=ana.email)
        token = await token_for(database, ana.user_id, MailKind.PASSWORD_RESET)

        await change(by=ana, currentPassword=PASSWORD, newPassword=NEW_PASSWORD)

        assert await reset(token=token, newPassword=PASSWORD) == INVALID


class TestRequest:
    async def test_known_and_unknown_addresses_get_the_same_answer(
        self, graphql: GraphQLClient, ana: Account
    ) -> None:
        answers = [
            await graphql.http.post(
                "/graphql", json={"query": REQUEST_RESET, "variables": {"input": {"email": email}}}
            )
            for email in (ana.email, new_email())
        ]
        known, unknown = (answer.json() for answer in answers)
        assert known.keys() == unknown.keys() == {"data", "extensions"}
        assert known["data"] == unknown["data"]
        assert answers[0].json()["data"]["requestPasswordReset"] == {
            "__typename": "RequestPasswordResetPayload",
            "accepted": True,
        }

    async def test_known_and_unknown_addresses_cost_the_same_statements(
        self, ana: Account, request_reset: Do, counting: AbstractContextManager[list[str]]
    ) -> None:
        with counting as statements:
            await request_reset(email=ana.email)
            known = list(statements)
            await request_reset(email=new_email())
        assert [statement for statement in known if "INTO mails" in statement]
        assert statements == known * 2

    async def test_known_and_unknown_addresses_take_the_same_time(
        self, ana: Account, request_reset: Do
    ) -> None:
        """Coarse: both are the same statements, so what is left is noise."""

        async def seconds(email: str) -> float:
            began = perf_counter()
            await request_reset(email=email)
            return perf_counter() - began

        pairs = [(await seconds(ana.email), await seconds(new_email())) for _ in range(60)]
        known, unknown = (median(times) for times in zip(*pairs, strict=True))
        assert 0.5 < known / unknown < 2

    @pytest.mark.parametrize("email", ["x" * 101, "a\0@example.com"])
    async def test_what_is_nobodys_address_is_refused(self, request_reset: Do, email: str) -> None:
        refused = await request_reset(email=email)
        assert refused["problems"][0]["path"] == ["email"]

    async def test_mail_waits_for_who_has_the_address_whatever_its_letters(
        self, ana: Account, request_reset: Do, database: Database
    ) -> None:
        await request_reset(email=ana.email.upper())

        kinds = await mails_to(database, ana.email)
        assert kinds == [MailKind.EMAIL_VERIFICATION, MailKind.PASSWORD_RESET]
        letter = await letter_to(database, ana.user_id, MailKind.PASSWORD_RESET)
        assert letter
        assert letter.address == ana.email

    async def test_outbox_keeps_neither_the_address_nor_a_token(
        self, request_reset: Do, database: Database
    ) -> None:
        await request_reset(email=new_email())
        async with database.reading() as session:
            mail = await session.scalar(
                select(Mail).where(Mail.user_id.is_(None)).order_by(Mail.id.desc()).limit(1)
            )
        assert mail
        assert (mail.receiver_id, mail.facts) == (None, {})


class TestReset:
    @pytest.mark.parametrize("token", ["", "x", "A" * 43, "\0", "x" * 10_000])
    async def test_unknown_token_is_refused(self, reset: Do, token: str) -> None:
        assert await reset(token=token, newPassword=NEW_PASSWORD) == INVALID

    async def test_token_for_another_purpose_is_refused(
        self, ana: Account, reset: Do, database: Database
    ) -> None:
        token = await token_for(database, ana.user_id, MailKind.EMAIL_VERIFICATION)
        assert await reset(token=token, newPassword=NEW_PASSWORD) == INVALID

    async def test_token_is_good_for_an_hour(
        self, ana: Account, request_reset: Do, reset: Do, database: Database
    ) -> None:
        await request_reset(email=ana.email)
        token = await token_for(database, ana.user_id, MailKind.PASSWORD_RESET)
        async with database.writing() as session:
            mine = OneTimeToken.user_id == ana.user_id
            left = await session.scalar(
                select(func.extract("epoch", OneTimeToken.expires_at - func.now())).where(mine)
            )
            await session.execute(
                update(OneTimeToken).where(mine).values(expires_at=datetime.now(UTC))
            )

        assert left is not None
        assert 3_590 < left <= 3_600
        assert await reset(token=token, newPassword=NEW_PASSWORD) == INVALID

    async def test_weak_password_leaves_the_token_good(
        self, ana: Account, request_reset: Do, reset: Do, database: Database
    ) -> None:
        await request_reset(email=ana.email)
        token = await token_for(database, ana.user_id, MailKind.PASSWORD_RESET)

        refused = await reset(token=token, newPassword="weak")

        assert {tuple(problem["path"]) for problem in refused["problems"]} == {("newPassword",)}
        assert "reset" in await reset(token=token, newPassword=NEW_PASSWORD)

    async def test_one_of_many_at_the_same_moment_wins(
        self, graphql: GraphQLClient, ana: Account, request_reset: Do, reset: Do, database: Database
    ) -> None:
        """Also when the mail went out twice, with a token each time."""
        await request_reset(email=ana.email)
        kind = MailKind.PASSWORD_RESET
        tokens = [await token_for(database, ana.user_id, kind) for _ in range(2)]
        wishes = [f"{NEW_PASSWORD}-{number}" for number in range(10)]

        found = await asyncio.gather(
            *(reset(token=tokens[n % 2], newPassword=wish) for n, wish in enumerate(wishes))
        )

        names = [each["__typename"] for each in found]
        assert sorted(names) == ["OneTimeTokenInvalid"] * 9 + ["ResetPasswordPayload"]
        assert await fits(graphql, ana, wishes[names.index("ResetPasswordPayload")])

    async def test_ends_all_sessions_and_verifies_the_address(
        self, graphql: GraphQLClient, ana: Account, request_reset: Do, reset: Do, database: Database
    ) -> None:
        await request_reset(email=ana.email)
        token = await token_for(database, ana.user_id, MailKind.PASSWORD_RESET)

        await reset(token=token, newPassword=NEW_PASSWORD)

        assert await graphql.code(VIEWER, by=ana.token) == "UNAUTHENTICATED"
        assert not await fits(graphql, ana, PASSWORD)
        input_ = {"email": ana.email, "password": NEW_PASSWORD}
        new = (await graphql(LOG_IN, input=input_))["logIn"]["token"]
        assert (await graphql(ACCOUNT, by=new))["viewer"]["emailVerifiedAt"]

    async def test_log_in_with_the_old_password_does_not_slip_in_between(
        self, graphql: GraphQLClient, ana: Account, database: Database
    ) -> None:
        """Its password was verified before the change, and its session would begin after."""
        mine = update(User).where(User.id == ana.user_id)
        async with database.writing() as session:
            await session.execute(mine.values(first_name="Held"))
            log_in = asyncio.create_task(logged_in(graphql, ana.email, PASSWORD))
            await asyncio.sleep(0.5)
            assert not log_in.done(), "it waits for the row"
            await session.execute(mine.values(password_hash="!"))

        assert (await log_in)["code"] == "CREDENTIALS_INVALID"
