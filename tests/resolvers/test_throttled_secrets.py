"""How often a stolen access token may guess the password, and anybody the token of a mail."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import MailKind
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.mails import token_for
from tests.resolvers.accounts import (
    CANCEL,
    CHANGE_PASSWORD,
    CONFIRM,
    REQUEST_CHANGE,
    RESET,
    VERIFY,
    Account,
    doing,
    open_account,
)
from tests.resolvers.places import From, new_address, places
from tests.resolvers.test_identity import PASSWORD, logged_in, new_email

HERE, EVERYWHERE = 3, 6
WRONG, NEXT = PASSWORD + "x", "battery-staple-7"
GUESSES = {"token": "guess"}
WITH_TOKENS = {
    "resetPassword": (RESET, GUESSES | {"newPassword": NEXT}),
    "verifyEmail": (VERIFY, GUESSES),
    "confirmEmailChange": (CONFIRM, GUESSES),
    "cancelEmailChange": (CANCEL, GUESSES),
}


@pytest.fixture
async def from_(settings: Settings) -> AsyncIterator[From]:
    limits = {"attempts_per_place": HERE, "attempts_per_address": EVERYWHERE}
    async with places(settings, **limits) as client:
        yield client


@pytest.fixture
async def ana(graphql: GraphQLClient) -> Account:
    return await open_account(graphql)


async def guess(
    client: GraphQLClient, ana: Account, password: str = WRONG, *, by_address: bool = False
) -> str:
    """What becomes of trying a password for the current one."""
    wish = {"newEmail": new_email()} if by_address else {"newPassword": NEXT}
    document = REQUEST_CHANGE if by_address else CHANGE_PASSWORD
    result = await doing(client, document)(by=ana, currentPassword=password, **wish)
    name: str = result["__typename"]
    return name


class TestCurrentPassword:
    async def test_thief_of_a_token_has_few_guesses_in_all(self, from_: From, ana: Account) -> None:
        async with from_(new_address()) as thief:
            found = [
                await guess(thief, ana, by_address=number % 2 == 1) for number in range(HERE + 2)
            ]
        assert found == [*["PasswordWrong"] * HERE, *["TooManyAttempts"] * 2]

    async def test_right_one_is_not_looked_at_either(self, from_: From, ana: Account) -> None:
        async with from_(new_address()) as thief:
            for _ in range(HERE):
                await guess(thief, ana)
            assert await guess(thief, ana, PASSWORD) == "TooManyAttempts"

    async def test_all_at_once_are_no_more_than_one_after_the_other(
        self, from_: From, ana: Account
    ) -> None:
        async with from_(new_address()) as thief:
            found = await asyncio.gather(*(guess(thief, ana) for _ in range(12)))
        assert found.count("PasswordWrong") == HERE

    async def test_owner_who_logs_in_anew_is_not_held_up(
        self, from_: From, graphql: GraphQLClient, ana: Account
    ) -> None:
        home = new_address()
        async with from_(home) as client:
            for _ in range(HERE + 1):
                await guess(client, ana)
            anew = await logged_in(graphql, ana.email, PASSWORD)
            result = await client(
                CHANGE_PASSWORD,
                by=anew["token"],
                input={"currentPassword": PASSWORD, "newPassword": NEXT},
            )
        assert result["changePassword"]["__typename"] == "ChangePasswordPayload"

    async def test_right_ones_do_not_count(self, from_: From, ana: Account) -> None:
        passwords = [PASSWORD, NEXT]
        async with from_(new_address()) as client:
            change = doing(client, CHANGE_PASSWORD)
            for number in range(EVERYWHERE + 2):
                old, new = passwords[number % 2], passwords[1 - number % 2]
                done = await change(by=ana, currentPassword=old, newPassword=new)
                assert done["__typename"] == "ChangePasswordPayload"


class TestTokensOfMails:
    @pytest.mark.parametrize("name", WITH_TOKENS)
    async def test_guesses_from_one_place_have_to_wait(self, from_: From, name: str) -> None:
        document, input_ = WITH_TOKENS[name]
        async with from_(new_address()) as client:
            found = [await doing(client, document)(**input_) for _ in range(EVERYWHERE + 1)]
        assert [result["__typename"] for result in found] == [
            *["OneTimeTokenInvalid"] * EVERYWHERE,
            "TooManyAttempts",
        ]

    async def test_all_four_count_together(self, from_: From) -> None:
        async with from_(new_address()) as client:
            for number in range(EVERYWHERE):
                document, input_ = list(WITH_TOKENS.values())[number % len(WITH_TOKENS)]
                await doing(client, document)(**input_)
            refused = await doing(client, VERIFY)(token="guess")
        assert refused["code"] == "TOO_MANY_ATTEMPTS"

    async def test_right_one_opens_the_place_for_no_more_guesses(
        self, from_: From, ana: Account, database: Database
    ) -> None:
        token = await token_for(database, ana.user_id, MailKind.EMAIL_VERIFICATION)
        async with from_(new_address()) as client:
            verify = doing(client, VERIFY)
            assert (await verify(token=token))["email"] == ana.email
            found = [(await verify(token="guess"))["__typename"] for _ in range(EVERYWHERE + 1)]
        assert found[-1] == "TooManyAttempts"

    async def test_strangers_elsewhere_hold_nobody_up(
        self, from_: From, ana: Account, database: Database
    ) -> None:
        async with from_(new_address()) as stranger:
            for _ in range(EVERYWHERE + 1):
                await doing(stranger, VERIFY)(token="guess")
        token = await token_for(database, ana.user_id, MailKind.EMAIL_VERIFICATION)
        async with from_(new_address()) as client:
            assert (await doing(client, VERIFY)(token=token))["email"] == ana.email
