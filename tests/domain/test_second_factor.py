"""Codes at a moment: which are good, for how long, and how often."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from pyotp import TOTP

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import User
from mccs_graphql.db.queries import users
from mccs_graphql.domain.identity import enrolment, recovery_codes, second_factor, sessions, totp
from mccs_graphql.domain.identity.refusals import (
    CredentialsInvalid,
    SecondFactorNotFound,
    SecondFactorRequired,
    SecondFactorWrong,
)
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.domain.identity.second_factor import Proof
from tests.factories import MakeMember, Member
from tests.second_factors import STEP, Factor, code_of, enrol

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""The first moment of a step."""
LAST = STEP - timedelta(microseconds=1)
SEAL = Seal("")
SECRET = b"12345678901234567890"


@pytest.fixture
async def ana(make: MakeMember) -> Member:
    return await make()


@pytest.fixture
async def factor(database: Database, ana: Member) -> Factor:
    """Ana's, confirmed an hour before noon."""
    return await enrol(database, ana, seal=SEAL, at=NOON - timedelta(hours=1))


async def accept(database: Database, member: Member, code: str, *, at: datetime) -> None:
    """Use a code. Raises what refuses it."""
    async with database.writing() as session:
        viewer = await sessions.authenticate(
            session, member.session_id, admins_need_second_factor=True
        )
        await second_factor.accept(session, viewer.user, Proof(code, SEAL, at))


async def is_good(database: Database, member: Member, code: str, *, at: datetime) -> bool:
    try:
        await accept(database, member, code, at=at)
    except SecondFactorWrong:
        return False
    return True


async def user_of(database: Database, member: Member) -> User:
    """The user as a log-in reads it, before the password is looked at."""
    async with database.reading() as session:
        user = await users.find_user(session, member.email)
    assert user
    return user


async def begin(database: Database, user: User, *, proof: Proof | None) -> sessions.LogIn:
    """What a log-in does once the password was found right."""
    async with database.writing() as session:
        return await sessions.begin(session, user, origin=sessions.Origin(), days=1, proof=proof)


class TestTotp:
    @pytest.mark.parametrize(
        ("second", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
    )
    def test_codes_are_those_of_the_standard(self, second: int, code: str) -> None:
        """RFC 6238, appendix B; of its eight digits the last six."""
        at = datetime.fromtimestamp(second, UTC)
        assert totp.step_of(SECRET, code, at=at) == second // 30

    @pytest.mark.parametrize(
        "code", ["", "12345", "1234567", "12 345", "x" * 6, "\u0661" * 6, "\0"]
    )
    def test_what_is_no_code_is_of_no_step(self, code: str) -> None:
        assert totp.step_of(SECRET, code, at=NOON) is None

    def test_secrets_are_long_and_differ(self) -> None:
        assert len(totp.new_secret()) == 20
        assert totp.new_secret() != totp.new_secret()


class TestWindow:
    @pytest.mark.parametrize(
        ("later", "good"),
        [
            (-STEP - timedelta(microseconds=1), False),
            (-STEP, True),
            (timedelta(), True),
            (STEP + LAST, True),
            (2 * STEP, False),
        ],
        ids=["too early", "a step early", "on time", "a step late", "too late"],
    )
    async def test_is_one_step_to_either_side(
        self, database: Database, ana: Member, factor: Factor, later: timedelta, good: bool
    ) -> None:
        code = code_of(factor.secret, at=NOON)
        assert await is_good(database, ana, code, at=NOON + later) is good

    async def test_code_is_good_once(self, database: Database, ana: Member, factor: Factor) -> None:
        code = code_of(factor.secret, at=NOON)
        for later, good in ((timedelta(), True), (timedelta(), False), (STEP, False)):
            assert await is_good(database, ana, code, at=NOON + later) is good

    async def test_code_before_one_that_was_used_is_dead(
        self, database: Database, ana: Member, factor: Factor
    ) -> None:
        early, now, late = (code_of(factor.secret, steps=n, at=NOON) for n in (-1, 0, 1))
        found = [await is_good(database, ana, code, at=NOON) for code in (now, early, late, now)]
        assert found == [True, False, True, False]

    async def test_code_that_confirmed_is_used(self, database: Database, ana: Member) -> None:
        factor = await enrol(database, ana, seal=SEAL, at=NOON)
        assert not await is_good(database, ana, code_of(factor.secret, at=NOON), at=NOON)


class TestTyping:
    @pytest.mark.parametrize("typed", ["{} {}", " {}{} ", "{}-{}\n"])
    async def test_spaces_and_hyphens_do_not_count(
        self, database: Database, ana: Member, factor: Factor, typed: str
    ) -> None:
        code = code_of(factor.secret, at=NOON)
        assert await is_good(database, ana, typed.format(code[:3], code[3:]), at=NOON)

    async def test_recovery_code_may_be_typed_without_care(
        self, database: Database, ana: Member, factor: Factor
    ) -> None:
        code = factor.recovery_codes[0].upper().replace("-", "  ")
        assert await is_good(database, ana, code, at=NOON)

    @pytest.mark.parametrize("code", ["", "-", "\0", "k7p2-9xq", "\ud800" * 8, " " * 41 + "x"])
    async def test_what_is_no_code_is_wrong(
        self, database: Database, ana: Member, factor: Factor, code: str
    ) -> None:
        assert not await is_good(database, ana, code, at=NOON)

    async def test_endless_code_is_not_looked_at(
        self, database: Database, ana: Member, factor: Factor
    ) -> None:
        code = code_of(factor.secret, at=NOON) + " " * 40
        assert not await is_good(database, ana, code, at=NOON)


class TestRecoveryCodes:
    def test_are_ten_that_can_be_read(self) -> None:
        codes = recovery_codes.new_codes()
        assert len(set(codes)) == 10
        for code in codes:
            assert [len(half) for half in code.split("-")] == [4, 4]
            assert set(code.replace("-", "")) <= set("23456789abcdefghjkmnpqrstuvwxyz")

    def test_hash_is_no_use_without_the_secret(self) -> None:
        """Else a copy of the database could be searched for the few codes there can be."""
        one, other = (recovery_codes.hash_of("k7p29xqm", secret=s) for s in (b"a" * 20, b"b" * 20))
        assert one != other

    async def test_each_is_good_once(self, database: Database, ana: Member, factor: Factor) -> None:
        for code in factor.recovery_codes:
            assert await is_good(database, ana, code, at=NOON)
            assert not await is_good(database, ana, code, at=NOON)

    async def test_of_somebody_else_is_wrong(
        self, database: Database, make: MakeMember, factor: Factor
    ) -> None:
        ben = await make()
        await enrol(database, ben, seal=SEAL, at=NOON - STEP * 10)
        assert not await is_good(database, ben, factor.recovery_codes[0], at=NOON)


class TestEnrolment:
    @pytest.mark.parametrize(("minutes", "good"), [(59, True), (60, False)])
    async def test_is_to_be_confirmed_within_an_hour(
        self, database: Database, ana: Member, minutes: int, good: bool
    ) -> None:
        late = NOON + timedelta(minutes=minutes)
        async with database.writing() as session:
            viewer = await sessions.authenticate(
                session, ana.session_id, admins_need_second_factor=True
            )
            secret = totp.base32(await enrolment.begin(session, viewer, seal=SEAL, at=NOON))
            proof = Proof(TOTP(secret).at(late), SEAL, late)
            if good:
                assert len((await enrolment.confirm(session, viewer, proof)).codes) == 10
            else:
                with pytest.raises(SecondFactorNotFound):
                    await enrolment.confirm(session, viewer, proof)


class TestLogIn:
    async def test_session_that_nobody_proved_anything_for_does_not_begin(
        self, database: Database, ana: Member, factor: Factor
    ) -> None:
        with pytest.raises(SecondFactorRequired):
            await begin(database, await user_of(database, ana), proof=None)

    async def test_one_whose_password_is_wrong_by_now_is_told_nothing_of_it(
        self, database: Database, ana: Member, factor: Factor
    ) -> None:
        user = await user_of(database, ana)
        async with database.writing() as session:
            (await users.lock_user(session, user.id)).password_hash = "another"
        with pytest.raises(CredentialsInvalid):
            await begin(database, user, proof=None)

    @pytest.mark.parametrize("by_app", [True, False], ids=["by the app", "by a recovery code"])
    async def test_code_lets_one_of_many_in_at_the_same_moment(
        self, database: Database, ana: Member, factor: Factor, *, by_app: bool
    ) -> None:
        """Here nothing but the lock is between them: over the API attempts are counted first."""
        user = await user_of(database, ana)
        code = code_of(factor.secret, at=NOON) if by_app else factor.recovery_codes[0]
        log_ins = [begin(database, user, proof=Proof(code, SEAL, NOON)) for _ in range(6)]

        found = await asyncio.gather(*log_ins, return_exceptions=True)

        assert [type(each) for each in found].count(SecondFactorWrong) == 5

    def test_code_is_not_shown_with_the_proof(self) -> None:
        assert "123456" not in repr(Proof("123456", SEAL, NOON))
