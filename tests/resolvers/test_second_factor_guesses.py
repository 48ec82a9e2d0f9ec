"""How often one may guess at a second factor, and who is not held up by it."""

import pytest

from mccs_graphql.db.engine import Database
from tests.clients import GraphQLClient
from tests.resolvers.accounts import Account, doing, open_account
from tests.resolvers.places import From, new_address
from tests.resolvers.test_identity import PASSWORD
from tests.resolvers.test_throttle import HERE, from_, let_pass
from tests.second_factors import BEGIN, CONFIRM, REMOVE, RENEW, Factor, enrolled, log_in

__all__ = ["from_"]
REQUIRED, WRONG, HELD = "SecondFactorRequired", "SecondFactorWrong", "TooManyAttempts"


@pytest.fixture
async def ana(graphql: GraphQLClient) -> Account:
    return await open_account(graphql)


@pytest.fixture
async def factor(graphql: GraphQLClient, database: Database, ana: Account) -> Factor:
    return await enrolled(graphql, database, ana)


async def tried(client: GraphQLClient, ana: Account, *codes: str | None) -> list[str]:
    """What these codes lead to with the right password, one after the other."""
    return [(await log_in(client, ana, code))["__typename"] for code in codes]


class TestLogIn:
    async def test_wrong_codes_count_as_wrong_passwords_do(
        self, from_: From, database: Database, ana: Account, factor: Factor
    ) -> None:
        async with from_(new_address()) as thief:
            found = await tried(thief, ana, *[factor.wrong_code] * HERE, factor.code)
            assert found == [WRONG] * HERE + [HELD]

            await let_pass(database, 10)

            assert await tried(thief, ana, factor.code) == ["LogInPayload"]

    async def test_being_asked_for_a_code_locks_nobody_out(
        self, from_: From, ana: Account, factor: Factor
    ) -> None:
        async with from_(new_address()) as member:
            assert await tried(member, ana, *[None] * (5 * HERE)) == [REQUIRED] * (5 * HERE)
            assert await tried(member, ana, factor.code) == ["LogInPayload"]

    async def test_asking_without_a_code_does_not_wipe_out_guesses(
        self, from_: From, ana: Account, factor: Factor
    ) -> None:
        async with from_(new_address()) as thief:
            wrong = [None, factor.wrong_code] * HERE
            assert await tried(thief, ana, *wrong, None) == [REQUIRED, WRONG] * HERE + [HELD]

    async def test_asking_without_a_code_makes_no_place_a_known_one(
        self, from_: From, ana: Account, factor: Factor
    ) -> None:
        places = [new_address() for _ in range(4)]
        for place in places:
            async with from_(place) as thief:
                await tried(thief, ana, None)
        for place in places:
            async with from_(place) as thief:
                found = await tried(thief, ana, *[factor.wrong_code] * HERE)
        assert found[-1] == HELD

    async def test_member_who_got_in_before_is_not_held_up_by_a_thief(
        self, from_: From, ana: Account, factor: Factor
    ) -> None:
        home = new_address()
        async with from_(home) as member:
            await tried(member, ana, factor.recovery_codes[0])
        for _ in range(4):
            async with from_(new_address()) as thief:
                await tried(thief, ana, *[factor.wrong_code] * HERE)
        async with from_(home) as member:
            assert await tried(member, ana, None, factor.code) == [REQUIRED, "LogInPayload"]


class TestWithASession:
    @pytest.mark.parametrize(
        ("document", "password"),
        [(REMOVE, PASSWORD), (REMOVE, "x"), (RENEW, None)],
        ids=["remove", "remove with a wrong password", "renew"],
    )
    async def test_guesses_are_counted(
        self, from_: From, ana: Account, factor: Factor, document: str, password: str | None
    ) -> None:
        wishes = {"code": factor.wrong_code} | ({"currentPassword": password} if password else {})
        async with from_(new_address()) as thief:
            guess = doing(thief, document)
            found = [(await guess(by=ana, **wishes))["__typename"] for _ in range(HERE + 1)]
            refused = await doing(thief, RENEW)(by=ana, code=factor.code)
        assert found[-2:] == ["PasswordWrong" if password == "x" else WRONG, HELD]
        assert refused["__typename"] == HELD

    async def test_guesses_at_the_password_or_at_a_code_to_confirm_are_counted(
        self, from_: From, ana: Account
    ) -> None:
        async with from_(new_address()) as thief:
            begin, confirm = doing(thief, BEGIN), doing(thief, CONFIRM)
            secret = (await begin(by=ana, currentPassword=PASSWORD))["secret"]
            for _ in range(HERE - 1):
                await confirm(by=ana, code=Factor(secret, []).wrong_code)
            found = [(await begin(by=ana, currentPassword="x"))["__typename"] for _ in range(2)]
        assert found == ["PasswordWrong", HELD]

    async def test_what_is_refused_for_another_reason_wipes_out_nothing(
        self, from_: From, ana: Account, factor: Factor
    ) -> None:
        async with from_(new_address()) as thief:
            renew, begin = doing(thief, RENEW), doing(thief, BEGIN)
            for _ in range(HERE - 1):
                await renew(by=ana, code=factor.wrong_code)
            refused = await begin(by=ana, currentPassword=PASSWORD)
            held = await renew(by=ana, code=factor.code)
        assert (refused["__typename"], held["__typename"]) == ("SecondFactorActive", HELD)

    async def test_right_code_begins_anew(self, from_: From, ana: Account, factor: Factor) -> None:
        async with from_(new_address()) as member:
            renew = doing(member, RENEW)
            for code in [*[factor.wrong_code] * (HERE - 1), factor.code]:
                renewed = await renew(by=ana, code=code)
            found = [await renew(by=ana, code=factor.wrong_code) for _ in range(HERE)]
        assert "recoveryCodes" in renewed
        assert {each["__typename"] for each in found} == {WRONG}

    async def test_one_does_not_hold_up_another_at_the_same_place(
        self, from_: From, graphql: GraphQLClient, database: Database, ana: Account, factor: Factor
    ) -> None:
        ben = await open_account(graphql)
        other = await enrolled(graphql, database, ben)
        async with from_(new_address()) as both:
            renew = doing(both, RENEW)
            for _ in range(HERE + 1):
                await renew(by=ana, code=factor.wrong_code)
            assert "recoveryCodes" in await renew(by=ben, code=other.code)
