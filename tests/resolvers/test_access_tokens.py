"""Tokens that are not good: refused over HTTP and on a WebSocket, with words on why."""

import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import UserSession
from mccs_graphql.domain.identity.keys import KeyRing
from mccs_graphql.schema.ids import IdPrefix, encode_id
from tests.clients import GraphQLClient, Live
from tests.factories import MakeMember, Member, key_ring
from tests.resolvers.test_identity import LISTEN, LOG_IN, PASSWORD, VIEWER, new_email, signed_up

REFRESH = """
mutation Refresh($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    __typename ... on RefreshSessionPayload { token refreshToken } ... on UserError { code }
  }
}"""
Forge = Callable[[KeyRing, dict[str, Any]], str]


def claims_of(member: Member, **wishes: Any) -> dict[str, Any]:
    """What a good token says, but for the wishes; None takes a claim away."""
    now = datetime.now(UTC)
    claims = {
        "iss": "mccs-graphql",
        "sub": encode_id(IdPrefix.USER, member.user_id),
        "sid": str(member.session_id),
        "iat": now,
        "exp": now + timedelta(minutes=1),
    }
    return {name: value for name, value in (claims | wishes).items() if value is not None}


def signed(ring: KeyRing, claims: dict[str, Any], **header: Any) -> str:
    return jwt.encode(claims, ring.private, algorithm="EdDSA", headers={"kid": ring.kid} | header)


def part(content: dict[str, Any]) -> str:
    text = orjson.dumps(content, default=lambda moment: int(moment.timestamp()))
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def unsigned(alg: str) -> Forge:
    def forge(ring: KeyRing, claims: dict[str, Any]) -> str:
        plain = claims | {name: int(claims[name].timestamp()) for name in ("iat", "exp")}
        return f"{part({'alg': alg, 'typ': 'JWT', 'kid': ring.kid})}.{part(plain)}."

    return forge


def by_the_public_key(ring: KeyRing, claims: dict[str, Any]) -> str:
    """HMAC with what everybody knows: a reader that lets the token choose would take it."""
    secret = ring.private.public_key().public_bytes_raw()
    return jwt.encode(claims, secret, algorithm="HS256", headers={"kid": ring.kid})


def by_a_stranger(ring: KeyRing, claims: dict[str, Any]) -> str:
    key = Ed25519PrivateKey.generate()
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": ring.kid})


def by_another_algorithm(ring: KeyRing, claims: dict[str, Any]) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(claims, key, algorithm="ES256", headers={"kid": ring.kid})


def with_another_session(ring: KeyRing, claims: dict[str, Any]) -> str:
    head, body, signature = signed(ring, claims).split(".")
    said = orjson.loads(base64.urlsafe_b64decode(body + "=="))
    return f"{head}.{part(said | {'sid': str(uuid4())})}.{signature}"


def with_another_letter(ring: KeyRing, claims: dict[str, Any]) -> str:
    token = signed(ring, claims)
    return token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:]


def with_claims(**wishes: Any) -> Forge:
    return lambda ring, claims: signed(
        ring, {k: v for k, v in (claims | wishes).items() if v is not None}
    )


NOW = datetime.now(UTC)
FORGED: dict[str, Forge] = {
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "no signature": unsigned("EdDSA"),
    "HMAC by the public key": by_the_public_key,
    "another's key": by_a_stranger,
    "another algorithm": by_another_algorithm,
    "another session": with_another_session,
    "another letter": with_another_letter,
    "another issuer": with_claims(iss="someone-else"),
    "no issuer": with_claims(iss=None),
    "no expiry": with_claims(exp=None),
    "no session": with_claims(sid=None),
    "no subject": with_claims(sub=None),
    "from the future": with_claims(iat=NOW + timedelta(hours=1), exp=NOW + timedelta(hours=2)),
    "not yet valid": with_claims(nbf=NOW + timedelta(hours=1)),
    "unknown key": lambda ring, claims: signed(ring, claims, kid="unknown"),
    "no key": lambda ring, claims: jwt.encode(claims, ring.private, algorithm="EdDSA"),
    "endless": with_claims(more="x" * 1_000),
    "three dots": lambda _ring, _claims: "...",
    "other letters": lambda _ring, _claims: "\N{EAR OF RICE}",
    "not a token": lambda _ring, _claims: "bench-1",
}


@pytest.fixture
def forge(make: MakeMember, database: Database) -> Callable[..., Awaitable[str]]:
    async def forge(how: str) -> str:
        return FORGED[how](await key_ring(database), claims_of(await make()))

    return forge


def fault_in(answer: dict[str, Any]) -> tuple[str, str]:
    (error,) = answer["errors"]
    assert not answer.get("data")
    return error["extensions"]["code"], error["extensions"].get("reason")


async def end_sessions(database: Database, member: Member) -> None:
    async with database.writing() as session:
        await session.execute(delete(UserSession).where(UserSession.user_id == member.user_id))


@pytest.mark.parametrize("how", [name for name in FORGED if name != "other letters"])
async def test_forged_token_is_refused(
    graphql: GraphQLClient, forge: Callable[..., Awaitable[str]], how: str
) -> None:
    answer = await graphql.send(VIEWER, by=await forge(how))

    assert fault_in(answer) == ("UNAUTHENTICATED", "TOKEN_INVALID")


@pytest.mark.parametrize("how", FORGED)
async def test_forged_token_is_refused_on_a_socket(
    live: Live, forge: Callable[..., Awaitable[str]], how: str
) -> None:
    async with live.socket(await forge(how)) as socket:
        message = await (await socket.subscribe(VIEWER)).message()

    assert message["type"] == "error"
    assert fault_in({"errors": message["payload"]}) == ("UNAUTHENTICATED", "TOKEN_INVALID")


async def test_expired_token_asks_to_refresh(
    graphql: GraphQLClient, live: Live, make: MakeMember, database: Database
) -> None:
    ana = await make()
    past = datetime.now(UTC) - timedelta(seconds=6)
    token = signed(await key_ring(database), claims_of(ana, exp=past, iat=past))

    answer = await graphql.send(VIEWER, by=token)

    assert fault_in(answer) == ("UNAUTHENTICATED", "TOKEN_EXPIRED")
    assert "refreshSession" in answer["errors"][0]["message"]
    async with live.socket(token) as socket:
        message = await (await socket.subscribe(LISTEN, id=ana.id)).message()
    assert fault_in({"errors": message["payload"]}) == ("UNAUTHENTICATED", "TOKEN_EXPIRED")


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
async def test_clocks_may_differ_a_little(
    graphql: GraphQLClient, make: MakeMember, database: Database, claim: str
) -> None:
    ana = await make()
    seconds = -2 if claim == "exp" else 2
    wish = {claim: datetime.now(UTC) + timedelta(seconds=seconds)}

    token = signed(await key_ring(database), claims_of(ana, **wish))

    assert (await graphql(VIEWER, by=token))["viewer"]["email"] == ana.email


async def test_token_of_a_session_that_ended_asks_to_log_in(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana = await make()
    await end_sessions(database, ana)

    assert fault_in(await graphql.send(VIEWER, by=ana)) == ("UNAUTHENTICATED", "SESSION_ENDED")


async def test_session_that_has_expired_has_ended(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana = await make()
    async with database.writing() as session:
        mine = update(UserSession).where(UserSession.user_id == ana.user_id)
        await session.execute(mine.values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))

    assert fault_in(await graphql.send(VIEWER, by=ana)) == ("UNAUTHENTICATED", "SESSION_ENDED")


@pytest.mark.parametrize("how", ["alg none", "not a token"])
async def test_bad_token_does_not_keep_anybody_from_logging_in(
    graphql: GraphQLClient, forge: Callable[..., Awaitable[str]], how: str
) -> None:
    email = new_email()
    await signed_up(graphql, email=email)
    token = await forge(how)

    data = await graphql(LOG_IN, by=token, input={"email": email, "password": PASSWORD})

    assert data["logIn"]["user"]["email"] == email


async def test_bad_token_is_refused_beside_a_log_in(graphql: GraphQLClient) -> None:
    document = """mutation { logIn(input: {email: "a", password: "b"}) { __typename }
        logOut { loggedOut } }"""

    assert fault_in(await graphql.send(document, by="x")) == ("UNAUTHENTICATED", "TOKEN_INVALID")


class TestSocket:
    async def test_goes_on_with_the_token_it_refreshed(
        self, live: Live, make: MakeMember, database: Database
    ) -> None:
        ana = await make()
        past = datetime.now(UTC) - timedelta(minutes=1)
        token = signed(await key_ring(database), claims_of(ana, exp=past, iat=past))
        async with live.socket(token) as socket:
            for document, variables in (
                (REFRESH, {"input": {"refreshToken": ana.refresh_token}}),
                (VIEWER, {}),
            ):
                operation = await socket.subscribe(document, **variables)
                found = await operation.next()
                assert (await operation.message())["type"] == "complete"

        assert found["email"] == ana.email

    async def test_subscription_outlives_its_access_token(
        self, live: Live, make: MakeMember, database: Database, trading: Any
    ) -> None:
        ana, ben = await make(), await make()
        soon = datetime.now(UTC) - timedelta(seconds=4)  # within the leeway, for a second
        token = signed(await key_ring(database), claims_of(ana, exp=soon, iat=soon))
        async with live.subscription(LISTEN, by=token, id=ana.id) as events:
            await events.next()
            await expiry(live, token)
            await trading.proposed(ben, ana)

            assert (await events.next())["__typename"] == "TransferProposed"


async def expiry(live: Live, token: str) -> None:
    """Return once the token is not good any more."""
    for _ in range(100):
        async with live.socket(token) as socket:
            if (await (await socket.subscribe(VIEWER)).message())["type"] == "error":
                return
    raise AssertionError("the token does not expire")
