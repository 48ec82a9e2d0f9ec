"""Members with a second factor, and the codes of their apps."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pyotp import TOTP
from sqlalchemy import update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import SecondFactor
from mccs_graphql.domain.identity import enrolment, sessions, totp
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.domain.identity.second_factor import Proof
from tests.clients import GraphQLClient
from tests.factories import Member
from tests.resolvers.accounts import Account
from tests.resolvers.test_identity import LOG_IN, PASSWORD

STEP = timedelta(seconds=30)
REFUSAL = "... on UserError { code path } ... on InvalidInput { problems { path code } }"
BEGIN = """
mutation Begin($input: BeginSecondFactorInput!) {
  beginSecondFactor(input: $input) {
    __typename ... on BeginSecondFactorPayload { secret uri } REFUSAL
  }
}""".replace("REFUSAL", REFUSAL)
CONFIRM = """
mutation Confirm($input: ConfirmSecondFactorInput!) {
  confirmSecondFactor(input: $input) {
    __typename ... on ConfirmSecondFactorPayload { recoveryCodes endedSessions }
    ... on UserError { code path }
  }
}"""
REMOVE = """
mutation Remove($input: RemoveSecondFactorInput!) {
  removeSecondFactor(input: $input) {
    __typename ... on RemoveSecondFactorPayload { removed } REFUSAL
  }
}""".replace("REFUSAL", REFUSAL)
RENEW = """
mutation Renew($input: RenewRecoveryCodesInput!) {
  renewRecoveryCodes(input: $input) {
    __typename ... on RenewRecoveryCodesPayload { recoveryCodes } ... on UserError { code path }
  }
}"""
SEEN = "{ viewer { secondFactor { enabledAt recoveryCodesLeft } } }"


@dataclass(frozen=True)
class Factor:
    """An app, and the recovery codes on paper."""

    secret: str
    recovery_codes: list[str]

    @property
    def code(self) -> str:
        """What the app shows now."""
        return code_of(self.secret)

    @property
    def next_code(self) -> str:
        """What it shows half a minute later: good already, and still good after ``code``."""
        return code_of(self.secret, steps=1)

    @property
    def wrong_code(self) -> str:
        """What it shows at no moment near this one."""
        near = {code_of(self.secret, steps=steps) for steps in range(-3, 4)}
        return next(code for code in map("{:06}".format, range(10)) if code not in near)


def code_of(secret: str, *, steps: int = 0, at: datetime | None = None) -> str:
    """What an app with this secret shows, so many steps later."""
    return TOTP(secret).at((at or datetime.now(UTC)) + steps * STEP)


async def enrolled(graphql: GraphQLClient, database: Database, account: Account) -> Factor:
    """Give a second factor to an account; the codes of its app have not been used lately."""
    by = account.token
    begun = await graphql(BEGIN, by=by, input={"currentPassword": PASSWORD})
    secret = begun["beginSecondFactor"]["secret"]
    confirmed = await graphql(CONFIRM, by=by, input={"code": code_of(secret)})
    await forget_step(database, account.user_id)
    return Factor(secret, confirmed["confirmSecondFactor"]["recoveryCodes"])


async def forget_step(database: Database, user_id: UUID) -> None:
    """As if the last code had been used long ago."""
    async with database.writing() as session:
        mine = SecondFactor.user_id == user_id
        await session.execute(update(SecondFactor).where(mine).values(used_step=None))


async def enrol(database: Database, member: Member, *, seal: Seal, at: datetime) -> Factor:
    """Give a second factor to a member, at this moment by the member's clock."""
    async with database.writing() as session:
        viewer = await sessions.authenticate(
            session, member.session_id, admins_need_second_factor=True
        )
        secret = totp.base32(await enrolment.begin(session, viewer, seal=seal, at=at))
        proof = Proof(code_of(secret, at=at), seal, at)
        return Factor(secret, (await enrolment.confirm(session, viewer, proof)).codes)


async def log_in(graphql: GraphQLClient, account: Account, code: str | None) -> dict[str, Any]:
    """Log in with the right password, and with this code, if any."""
    input_ = {"email": account.email, "password": PASSWORD, "secondFactorCode": code}
    result: dict[str, Any] = (await graphql(LOG_IN, input=input_))["logIn"]
    return result
