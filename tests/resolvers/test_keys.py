"""Signing keys: made once, rotated without logging anybody out, sealed, and shown to all."""

import asyncio
from datetime import UTC, datetime, timedelta

import click
import jwt
import pytest
from sqlalchemy import select, text, update

from mccs_graphql.app import check_keys, create_app
from mccs_graphql.cli.rotate_keys import rotate
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import SigningKey
from mccs_graphql.domain.identity import second_factor, sessions
from mccs_graphql.domain.identity.sealing import Seal, WrongSecret
from mccs_graphql.domain.identity.second_factor import Proof
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.factories import make_member
from tests.resolvers.test_identity import VIEWER, signed_up
from tests.second_factors import enrol

SECRET = "a secret of the community, chosen by chance"
JWKS = "/.well-known/jwks.json"


def sealing(settings: Settings, secret: str = SECRET) -> Settings:
    """The settings with a secret."""
    chosen = Settings(secret=secret, _env_file=None).secret
    return settings.model_copy(update={"secret": chosen})


async def keys_in(database: Database) -> list[SigningKey]:
    async with database.reading() as session:
        found = await session.scalars(select(SigningKey).order_by(SigningKey.created_at))
        return list(found)


class TestSeal:
    def test_opens_with_the_same_secret_and_label_only(self) -> None:
        kept = Seal(SECRET).close(b"key", label="a")

        assert b"key" not in kept
        assert Seal(SECRET).open(kept, label="a") == b"key"
        for other in (Seal(SECRET + "x"), Seal("")):
            with pytest.raises(WrongSecret):
                other.open(kept, label="a")
        with pytest.raises(WrongSecret):
            Seal(SECRET).open(kept, label="b")

    def test_short_secret_is_no_setting(self) -> None:
        with pytest.raises(ValueError, match="at least 32 characters"):
            Settings(secret="short", _env_file=None)

    def test_secret_is_not_shown_with_the_settings(self, settings: Settings) -> None:
        assert SECRET not in repr(sealing(settings))


async def test_first_key_is_made_once_by_all_who_start(
    empty_settings: Settings, empty_database: Database
) -> None:
    await asyncio.gather(*(check_keys(empty_settings) for _ in range(5)))

    assert len(await keys_in(empty_database)) == 1


async def test_key_is_sealed_with_the_secret(
    empty_settings: Settings, empty_database: Database
) -> None:
    await check_keys(sealing(empty_settings))

    (key,) = await keys_in(empty_database)
    assert key.sealed
    assert len(key.private_key) == 60
    for wrong in (empty_settings, sealing(empty_settings, SECRET + "x")):
        with pytest.raises(WrongSecret):
            await check_keys(wrong)


async def test_new_secret_takes_a_new_key(
    empty_settings: Settings, empty_database: Database
) -> None:
    await check_keys(empty_settings)

    await rotate(sealing(empty_settings))

    await check_keys(sealing(empty_settings))
    assert [key.sealed for key in await keys_in(empty_database)] == [False, True]


async def test_rotation_logs_nobody_out_and_reaches_running_processes(
    empty_settings: Settings, empty_database: Database
) -> None:
    app, other = create_app(empty_settings), create_app(empty_settings)
    async with (
        app.router.lifespan_context(app),
        other.router.lifespan_context(other),
        GraphQLClient.to(app) as first,
        GraphQLClient.to(other) as second,
    ):
        before = await make_member(empty_database)
        kid = await rotate(empty_settings)
        after = await make_member(empty_database)

        assert jwt.get_unverified_header(after.token)["kid"] == kid
        for graphql in (first, second):
            for member in (before, after):
                assert (await graphql(VIEWER, by=member))["viewer"]["email"] == member.email


async def test_key_that_retired_long_ago_verifies_nothing_and_is_removed(
    empty_settings: Settings, empty_database: Database
) -> None:
    ana = await make_member(empty_database)
    await rotate(empty_settings)
    async with empty_database.writing() as session:
        retired = update(SigningKey).where(SigningKey.retired_at.is_not(None))
        await session.execute(retired.values(retired_at=datetime.now(UTC) - timedelta(minutes=18)))

    app = create_app(empty_settings)
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
        assert await graphql.code(VIEWER, by=ana) == "UNAUTHENTICATED"

    await rotate(empty_settings)
    assert len(await keys_in(empty_database)) == 2


class TestSecondFactor:
    """What second factors are proved by is sealed as keys are, and when they are."""

    @pytest.mark.parametrize("wrong", ["", SECRET + "x"], ids=["no secret", "another secret"])
    async def test_server_whose_secret_does_not_fit_does_not_start(
        self, empty_settings: Settings, empty_database: Database, wrong: str
    ) -> None:
        ana = await make_member(empty_database)
        await enrol(empty_database, ana, seal=Seal(SECRET), at=datetime.now(UTC))

        await check_keys(sealing(empty_settings))
        with pytest.raises(WrongSecret):
            await check_keys(sealing(empty_settings, wrong))

    async def test_new_secret_without_the_former_one_is_refused(
        self, empty_settings: Settings, empty_database: Database
    ) -> None:
        ana = await make_member(empty_database)
        await enrol(empty_database, ana, seal=Seal(SECRET), at=datetime.now(UTC))

        with pytest.raises(click.ClickException, match=ana.email):
            await rotate(sealing(empty_settings, SECRET + "x"))

        assert len(await keys_in(empty_database)) == 1
        await check_keys(sealing(empty_settings))

    @pytest.mark.parametrize("former", ["", SECRET], ids=["no secret before", "another before"])
    async def test_new_secret_seals_again_what_the_former_one_opens(
        self, empty_settings: Settings, empty_database: Database, former: str
    ) -> None:
        ana, now = await make_member(empty_database), datetime.now(UTC)
        factor = await enrol(empty_database, ana, seal=Seal(former), at=now)
        update_ = {"former_secret": sealing(empty_settings, former).secret}

        await rotate(sealing(empty_settings, SECRET + "x").model_copy(update=update_))

        async with empty_database.writing() as session:
            viewer = await sessions.authenticate(
                session, ana.session_id, admins_need_second_factor=True
            )
            proof = Proof(factor.recovery_codes[0], Seal(SECRET + "x"), now)
            await second_factor.accept(session, viewer.user, proof)
        await check_keys(sealing(empty_settings, SECRET + "x"))


async def test_anybody_can_verify_a_token_with_the_published_keys(
    graphql: GraphQLClient, settings: Settings
) -> None:
    member = await signed_up(graphql)

    response = await graphql.http.get(JWKS)

    published = jwt.PyJWKSet.from_dict(response.json())
    kid = jwt.get_unverified_header(member["token"])["kid"]
    claims = jwt.decode(
        member["token"], published[kid], algorithms=["EdDSA"], issuer=settings.token_issuer
    )
    viewer = (await graphql("{ viewer { id } }", by=member["token"]))["viewer"]
    assert claims["sub"] == viewer["id"]
    assert set(claims) == {"iss", "sub", "sid", "iat", "exp"}
    assert response.headers["cache-control"] == "public, max-age=60"


async def test_published_keys_are_public_ones(graphql: GraphQLClient, database: Database) -> None:
    async with database.reading() as session:
        private = await session.scalar(
            text("SELECT encode(private_key, 'base64') FROM signing_keys")
        )

    keys = (await graphql.http.get(JWKS)).json()["keys"]

    assert {name for key in keys for name in key} == {"kty", "crv", "x", "kid", "alg", "use"}
    assert private.rstrip("=") not in str(keys)
