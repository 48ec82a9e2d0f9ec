"""Having a second factor, and logging in with it."""

import asyncio
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pyotp
import pytest
from sqlalchemy import update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import MailKind, User
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient, Live
from tests.mails import token_for
from tests.resolvers.accounts import REQUEST_RESET, RESET, Account, Do, doing, open_account
from tests.resolvers.test_events import error_code
from tests.resolvers.test_identity import (
    LISTEN,
    LOG_IN,
    PASSWORD,
    VIEWER,
    logged_in,
    new_email,
)
from tests.second_factors import (
    BEGIN,
    CONFIRM,
    REMOVE,
    RENEW,
    SEEN,
    Factor,
    code_of,
    enrolled,
    forget_step,
    log_in,
)

LOG_IN_STATEMENTS = 13
"""Of one without a second factor, as it was before there were any; besides, where from is
remembered, and the audit trail has an entry."""


@pytest.fixture
async def ana(graphql: GraphQLClient) -> Account:
    return await open_account(graphql)


@pytest.fixture
async def factor(graphql: GraphQLClient, database: Database, ana: Account) -> Factor:
    """Ana's."""
    return await enrolled(graphql, database, ana)


@pytest.fixture
def begin(graphql: GraphQLClient) -> Do:
    return doing(graphql, BEGIN)


@pytest.fixture
def confirm(graphql: GraphQLClient) -> Do:
    return doing(graphql, CONFIRM)


@pytest.fixture
def remove(graphql: GraphQLClient) -> Do:
    return doing(graphql, REMOVE)


@pytest.fixture
def renew(graphql: GraphQLClient) -> Do:
    return doing(graphql, RENEW)


async def codes_left(graphql: GraphQLClient, account: Account) -> int | None:
    """How many recovery codes the account has; None if there is no second factor."""
    found = (await graphql(SEEN, by=account.token))["viewer"]["secondFactor"]
    return found["recoveryCodesLeft"] if found else None


@pytest.mark.parametrize(
    ("document", "input_"),
    [
        (BEGIN, {"currentPassword": PASSWORD}),
        (CONFIRM, {"code": "123456"}),
        (REMOVE, {"currentPassword": PASSWORD, "code": "123456"}),
        (RENEW, {"code": "123456"}),
    ],
    ids=["begin", "confirm", "remove", "renew"],
)
async def test_visitor_has_none(
    graphql: GraphQLClient, document: str, input_: dict[str, str]
) -> None:
    assert await graphql.code(document, input=input_) == "UNAUTHENTICATED"


class TestBegin:
    async def test_needs_the_password(self, ana: Account, begin: Do) -> None:
        refused = await begin(by=ana, currentPassword=PASSWORD + "x")
        assert (refused["code"], refused["path"]) == ("PASSWORD_WRONG", ["currentPassword"])

    async def test_endless_password_is_refused_without_hashing(
        self, ana: Account, begin: Do
    ) -> None:
        refused = await begin(by=ana, currentPassword="x" * 101)
        assert refused["problems"][0]["path"] == ["currentPassword"]

    @pytest.mark.usefixtures("factor")
    async def test_second_one_is_refused(self, ana: Account, begin: Do) -> None:
        refused = await begin(by=ana, currentPassword=PASSWORD)
        assert refused["code"] == "SECOND_FACTOR_ACTIVE"

    async def test_uri_says_to_an_app_whose_secret_it_is(
        self, ana: Account, begin: Do, settings: Settings
    ) -> None:
        begun = await begin(by=ana, currentPassword=PASSWORD)

        app = pyotp.parse_uri(begun["uri"])
        assert (app.secret, app.name) == (begun["secret"], ana.email)
        assert app.issuer == settings.second_factor_issuer
        assert len(begun["secret"]) == 32

    async def test_changes_nothing_yet(
        self, graphql: GraphQLClient, ana: Account, begin: Do
    ) -> None:
        await begin(by=ana, currentPassword=PASSWORD)

        assert await codes_left(graphql, ana) is None
        assert "token" in await logged_in(graphql, ana.email, PASSWORD)


class TestConfirm:
    async def test_nothing_begun_is_refused(self, ana: Account, confirm: Do) -> None:
        assert (await confirm(by=ana, code="123456"))["code"] == "SECOND_FACTOR_NOT_FOUND"

    async def test_wrong_code_is_refused(
        self, graphql: GraphQLClient, ana: Account, begin: Do, confirm: Do
    ) -> None:
        secret = (await begin(by=ana, currentPassword=PASSWORD))["secret"]

        refused = await confirm(by=ana, code=Factor(secret, []).wrong_code)

        assert refused["code"] == "SECOND_FACTOR_WRONG"
        assert await codes_left(graphql, ana) is None

    async def test_secret_that_was_replaced_is_dead(
        self, ana: Account, begin: Do, confirm: Do
    ) -> None:
        first, second = [
            (await begin(by=ana, currentPassword=PASSWORD))["secret"] for _ in range(2)
        ]
        assert (await confirm(by=ana, code=code_of(first)))["code"] == "SECOND_FACTOR_WRONG"
        assert "recoveryCodes" in await confirm(by=ana, code=code_of(second))

    async def test_second_time_is_refused(self, ana: Account, factor: Factor, confirm: Do) -> None:
        refused = await confirm(by=ana, code=factor.code)
        assert refused["code"] == "SECOND_FACTOR_ACTIVE"

    async def test_one_of_many_at_the_same_moment_shows_its_codes(
        self, ana: Account, begin: Do, confirm: Do
    ) -> None:
        code = code_of((await begin(by=ana, currentPassword=PASSWORD))["secret"])

        found = await asyncio.gather(*(confirm(by=ana, code=code) for _ in range(6)))

        names = sorted(each["__typename"] for each in found)
        assert names == ["ConfirmSecondFactorPayload"] + ["SecondFactorActive"] * 5

    async def test_ends_the_other_sessions_and_their_sockets(
        self, graphql: GraphQLClient, live: Live, ana: Account, begin: Do, confirm: Do
    ) -> None:
        other = (await logged_in(graphql, ana.email, PASSWORD))["token"]
        secret = (await begin(by=ana, currentPassword=PASSWORD))["secret"]
        async with live.subscription(LISTEN, by=other, id=ana.entity_id) as events:
            await events.next()

            confirmed = await confirm(by=ana, code=code_of(secret))

            assert confirmed["endedSessions"] == 1
            assert await error_code(events) == "UNAUTHENTICATED"
        assert await graphql.code(VIEWER, by=other) == "UNAUTHENTICATED"
        assert await codes_left(graphql, ana) == len(confirmed["recoveryCodes"]) == 10


class TestLogIn:
    @pytest.mark.parametrize("code", [None, "", " "])
    @pytest.mark.usefixtures("factor")
    async def test_without_a_code_is_asked_for_one(
        self, graphql: GraphQLClient, ana: Account, code: str | None
    ) -> None:
        refused = await log_in(graphql, ana, code)
        assert refused["code"] == "SECOND_FACTOR_REQUIRED"
        assert refused["path"] == ["secondFactorCode"]

    async def test_wrong_code_is_refused(
        self, graphql: GraphQLClient, ana: Account, factor: Factor
    ) -> None:
        refused = await log_in(graphql, ana, factor.wrong_code)
        assert refused["code"] == "SECOND_FACTOR_WRONG"

    @pytest.mark.parametrize("code", [None, "right", "wrong"])
    async def test_wrong_password_learns_nothing_of_it(
        self,
        graphql: GraphQLClient,
        ana: Account,
        factor: Factor,
        counting: AbstractContextManager[list[str]],
        code: str | None,
    ) -> None:
        """Neither from the answer nor from the work."""
        codes = {None: None, "right": factor.code, "wrong": factor.wrong_code}
        ben = await open_account(graphql)
        guess = {"password": PASSWORD + "x", "secondFactorCode": codes[code]}

        with counting as statements:
            of_ana = await graphql(LOG_IN, input=guess | {"email": ana.email})
            work = list(statements)
            of_ben = await graphql(LOG_IN, input=guess | {"email": ben.email})

        assert of_ana["logIn"]["code"] == "CREDENTIALS_INVALID"
        assert of_ana == of_ben
        assert statements == work * 2
        assert "token" in await log_in(graphql, ana, factor.code)

    async def test_right_code_gets_in(
        self, graphql: GraphQLClient, ana: Account, factor: Factor
    ) -> None:
        found = await log_in(graphql, ana, factor.code)
        assert (await graphql(VIEWER, by=found["token"]))["viewer"]["email"] == ana.email

    async def test_code_is_good_once(
        self, graphql: GraphQLClient, ana: Account, factor: Factor
    ) -> None:
        code = factor.code
        assert "token" in await log_in(graphql, ana, code)
        assert (await log_in(graphql, ana, code))["code"] == "SECOND_FACTOR_WRONG"
        assert "token" in await log_in(graphql, ana, factor.next_code)

    async def test_code_lets_one_of_many_in_at_the_same_moment(
        self, graphql: GraphQLClient, ana: Account, factor: Factor
    ) -> None:
        for code in (factor.code, factor.recovery_codes[0]):
            found = await asyncio.gather(*(log_in(graphql, ana, code) for _ in range(6)))
            names = sorted(each["__typename"] for each in found)
            assert names == ["LogInPayload"] + ["SecondFactorWrong"] * 5

    async def test_recovery_code_gets_in_once(
        self, graphql: GraphQLClient, ana: Account, factor: Factor
    ) -> None:
        code = factor.recovery_codes[3]
        assert "token" in await log_in(graphql, ana, code)
        assert (await log_in(graphql, ana, code))["code"] == "SECOND_FACTOR_WRONG"
        assert await codes_left(graphql, ana) == 9

    async def test_code_is_not_used_up_by_a_log_in_that_fails(
        self, graphql: GraphQLClient, database: Database, ana: Account, factor: Factor
    ) -> None:
        """The password changes between its hash and the session."""
        mine, code = update(User).where(User.id == ana.user_id), factor.next_code
        async with database.writing() as session:
            password_hash = (await session.get_one(User, ana.user_id)).password_hash
            await session.execute(mine.values(first_name="Held"))
            late = asyncio.create_task(log_in(graphql, ana, code))
            await asyncio.sleep(0.5)
            assert not late.done(), "it waits for the row"
            await session.execute(mine.values(password_hash="!"))
        assert (await late)["code"] == "CREDENTIALS_INVALID"

        async with database.writing() as session:
            await session.execute(mine.values(password_hash=password_hash))
        assert "token" in await log_in(graphql, ana, code)

    async def test_does_not_slip_in_while_it_is_confirmed(
        self, graphql: GraphQLClient, database: Database, ana: Account
    ) -> None:
        mine = update(User).where(User.id == ana.user_id)
        async with database.writing() as session:
            await session.execute(mine.values(first_name="Held"))
            late = asyncio.create_task(log_in(graphql, ana, None))
            await asyncio.sleep(0.5)
            assert not late.done(), "it waits for the row"
            await session.execute(mine.values(second_factor_at=datetime.now(UTC)))

        assert (await late)["code"] == "SECOND_FACTOR_REQUIRED"

    async def test_without_a_second_factor_is_as_it_was(
        self, graphql: GraphQLClient, ana: Account, counting: AbstractContextManager[list[str]]
    ) -> None:
        with counting as statements:
            assert "token" in await log_in(graphql, ana, None)
        assert len(statements) == LOG_IN_STATEMENTS

    async def test_code_of_one_who_needs_none_is_ignored(
        self, graphql: GraphQLClient, ana: Account
    ) -> None:
        assert "token" in await log_in(graphql, ana, "123456")

    @pytest.mark.usefixtures("factor")
    async def test_new_password_by_mail_begins_no_session_and_takes_no_code_away(
        self, graphql: GraphQLClient, database: Database, ana: Account
    ) -> None:
        await doing(graphql, REQUEST_RESET)(email=ana.email)
        token = await token_for(database, ana.user_id, MailKind.PASSWORD_RESET)
        done = await doing(graphql, RESET)(token=token, newPassword=PASSWORD)

        assert done == {"__typename": "ResetPasswordPayload", "reset": True}
        assert await graphql.code(VIEWER, by=ana.token) == "UNAUTHENTICATED"
        assert (await log_in(graphql, ana, None))["code"] == "SECOND_FACTOR_REQUIRED"


class TestRemove:
    async def test_nothing_to_remove_is_refused(self, ana: Account, remove: Do) -> None:
        refused = await remove(by=ana, currentPassword=PASSWORD, code="123456")
        assert refused["code"] == "SECOND_FACTOR_NOT_FOUND"

    async def test_needs_the_password(self, ana: Account, factor: Factor, remove: Do) -> None:
        refused = await remove(by=ana, currentPassword="x", code=factor.code)
        assert refused["code"] == "PASSWORD_WRONG"

    async def test_needs_a_code(
        self, graphql: GraphQLClient, ana: Account, factor: Factor, remove: Do
    ) -> None:
        for code in ("", factor.wrong_code):
            refused = await remove(by=ana, currentPassword=PASSWORD, code=code)
            assert refused["code"] == "SECOND_FACTOR_WRONG"
        assert await codes_left(graphql, ana) == 10

    @pytest.mark.parametrize("by_app", [True, False], ids=["by the app", "by a recovery code"])
    async def test_password_is_enough_again(
        self, graphql: GraphQLClient, ana: Account, factor: Factor, remove: Do, *, by_app: bool
    ) -> None:
        code = factor.code if by_app else factor.recovery_codes[0]

        assert "removed" in await remove(by=ana, currentPassword=PASSWORD, code=code)

        assert await codes_left(graphql, ana) is None
        assert "token" in await logged_in(graphql, ana.email, PASSWORD)

    async def test_another_may_follow(
        self, graphql: GraphQLClient, database: Database, ana: Account, factor: Factor, remove: Do
    ) -> None:
        await remove(by=ana, currentPassword=PASSWORD, code=factor.code)
        another = await enrolled(graphql, database, ana)

        refused = await log_in(graphql, ana, factor.recovery_codes[0])

        assert refused["code"] == "SECOND_FACTOR_WRONG"
        assert "token" in await log_in(graphql, ana, another.code)


class TestRenew:
    async def test_nothing_to_renew_is_refused(self, ana: Account, renew: Do) -> None:
        assert (await renew(by=ana, code="123456"))["code"] == "SECOND_FACTOR_NOT_FOUND"

    async def test_begun_is_not_enough(self, ana: Account, begin: Do, renew: Do) -> None:
        secret = (await begin(by=ana, currentPassword=PASSWORD))["secret"]
        refused = await renew(by=ana, code=code_of(secret))
        assert refused["code"] == "SECOND_FACTOR_NOT_FOUND"

    async def test_needs_a_code(self, ana: Account, factor: Factor, renew: Do) -> None:
        refused = await renew(by=ana, code=factor.wrong_code)
        assert refused["code"] == "SECOND_FACTOR_WRONG"

    async def test_old_codes_are_dead_and_new_ones_good(
        self, graphql: GraphQLClient, ana: Account, factor: Factor, renew: Do
    ) -> None:
        codes = (await renew(by=ana, code=factor.recovery_codes[0]))["recoveryCodes"]

        refused = await log_in(graphql, ana, factor.recovery_codes[1])

        assert refused["code"] == "SECOND_FACTOR_WRONG"
        assert "token" in await log_in(graphql, ana, codes[0])
        assert await codes_left(graphql, ana) == 9


async def test_only_its_user_sees_it(
    graphql: GraphQLClient, ana: Account, factor: Factor, database: Database
) -> None:
    ben = await open_account(graphql)
    await forget_step(database, ana.user_id)
    token = (await log_in(graphql, ana, factor.code))["token"]

    assert await codes_left(graphql, ben) is None
    seen = (await graphql(SEEN, by=token))["viewer"]["secondFactor"]
    assert datetime.fromisoformat(seen["enabledAt"]) < datetime.now(UTC)


async def test_address_of_nobody_is_answered_as_ever(graphql: GraphQLClient) -> None:
    input_ = {"email": new_email(), "password": PASSWORD, "secondFactorCode": "123456"}
    assert (await graphql(LOG_IN, input=input_))["logIn"]["code"] == "CREDENTIALS_INVALID"
