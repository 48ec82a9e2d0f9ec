"""Nothing secret is kept or said in clear: planted passwords and tokens are looked for."""

import base64
import json
import logging

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import MailKind
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.factories import make_member
from tests.invitations import Memberships, invited
from tests.mails import token_for
from tests.resolvers.accounts import (
    CHANGE_PASSWORD,
    CONFIRM,
    REQUEST_CHANGE,
    REQUEST_RESET,
    RESET,
    doing,
    open_account,
)
from tests.resolvers.test_api_tokens import CREATE, OWN, wishes
from tests.resolvers.test_identity import LOG_IN, LOG_OUT, PASSWORD, logged_in, new_email
from tests.resolvers.test_keys import sealing
from tests.resolvers.test_refreshing import REFRESH
from tests.second_factors import RENEW, enrolled, log_in

NEXT = "battery-staple-7"
GUESS = "a-guess-that-is-wrong-8"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


async def dump(database: Database) -> str:
    """Every row of every table as text; bytes are in hexadecimal."""
    async with database.reading() as session:
        tables = (await session.scalars(text(TABLES))).all()
        rows = [
            row
            for table in tables
            for row in await session.scalars(text(f'SELECT t::text FROM "{table}" t'))  # noqa: S608
        ]
    return "\n".join(rows)


async def in_redis(settings: Settings) -> str:
    """Every key with its value, and every channel there is."""
    async with Redis.from_url(settings.redis_url) as redis:
        keys = [key async for key in redis.scan_iter()]
        values = [await redis.dump(key) for key in keys]
        return str([keys, values, await redis.pubsub_channels()])


def spellings(secret: str) -> list[str]:
    """How a secret may look when it is kept: as text, and as bytes in hexadecimal."""
    found = [secret, secret.encode().hex()]
    if len(secret) == 64:  # a refresh token: the bytes of its two parts
        content = base64.urlsafe_b64decode(secret)
        found += [content.hex(), content[:16].hex(), content[16:].hex()]
    if len(secret) == 32:  # of an app
        found.append(base64.b32decode(secret).hex())
    if secret.startswith("mccs_"):  # an API token: what is by chance in it
        found += [secret[5:48], base64.urlsafe_b64decode(secret[5:48] + "=").hex()]
    return found


async def test_nothing_secret_is_found_anywhere(
    graphql: GraphQLClient,
    database: Database,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    ana = await open_account(graphql)
    secrets, answers = [PASSWORD, NEXT, GUESS, ana.token, ana.refresh_token], []

    pair = (await graphql(REFRESH, input={"refreshToken": ana.refresh_token}))["refreshSession"]
    secrets += [pair["token"], pair["refreshToken"]]
    answers.append(await logged_in(graphql, ana.email, GUESS))
    change = doing(graphql, CHANGE_PASSWORD)
    answers.append(await change(by=ana, currentPassword=GUESS, newPassword=NEXT))
    answers.append(await change(by=ana, currentPassword=PASSWORD, newPassword=NEXT))
    wanted = wishes(ana.entity_id, currentPassword=NEXT)
    made = (await graphql(CREATE, by=pair["token"], input=wanted))["createApiToken"]
    secrets.append(made["token"])
    answers.append(made["apiToken"])
    answers.append(await graphql.send(OWN, by=made["token"]))
    answers.append(await graphql.send(OWN, by=made["token"] + "x"))
    answers.append(await doing(graphql, REQUEST_RESET)(email=ana.email))
    secrets.append(await token_for(database, ana.user_id, MailKind.PASSWORD_RESET))
    request = doing(graphql, REQUEST_CHANGE)
    answers.append(await request(by=ana, newEmail=new_email(), currentPassword=NEXT))
    secrets.append(await token_for(database, ana.user_id, MailKind.EMAIL_CHANGE))
    guest = await invited(database, graphql, await make_member(database))
    secrets.append(guest.token)
    before = await dump(database)
    answers.append(await Memberships(graphql).do("declineInvitation", None, token=guest.token))
    answers.append(await doing(graphql, CONFIRM)(token=secrets[-2]))
    answers.append(await doing(graphql, RESET)(token=GUESS, newPassword=NEXT))
    answers.append(await graphql.send(LOG_OUT, by=ana.token + "x"))
    answers.append(await graphql.send(LOG_OUT, by=ana.token))

    everywhere = "\n".join(
        [before, await dump(database), caplog.text, str(answers), await in_redis(settings)]
    )
    assert ana.email in everywhere
    assert "mccs:control" in everywhere
    assert [s for secret in secrets for s in spellings(secret) if s in everywhere] == []


@pytest.mark.usefixtures("services")
async def test_nothing_of_a_second_factor_is_found_anywhere(
    database: Database, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = create_app(sealing(settings))
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
        ana = await open_account(graphql)
        factor = await enrolled(graphql, database, ana)
        answers = [
            await log_in(graphql, ana, factor.wrong_code),
            await log_in(graphql, ana, factor.code),
            await log_in(graphql, ana, factor.recovery_codes[0]),
            await doing(graphql, RENEW)(by=ana, code=factor.wrong_code),
        ]

    everywhere = "\n".join(
        [await dump(database), caplog.text, str(answers), await in_redis(settings)]
    )
    codes = factor.recovery_codes + [code.replace("-", "") for code in factor.recovery_codes]
    assert ana.email in everywhere
    assert [
        s for secret in [factor.secret, *codes] for s in spellings(secret) if s in everywhere
    ] == []


@pytest.mark.usefixtures("services")
async def test_search_would_find_an_apps_secret_that_is_not_sealed(
    graphql: GraphQLClient, database: Database
) -> None:
    factor = await enrolled(graphql, database, await open_account(graphql))
    found = await dump(database)
    assert any(spelling in found for spelling in spellings(factor.secret))


async def test_search_would_find_a_secret(graphql: GraphQLClient, database: Database) -> None:
    ana = await open_account(graphql)
    planted = text("UPDATE user_sessions SET refresh_nonce = :secret WHERE user_id = :id")
    secret = base64.urlsafe_b64decode(ana.refresh_token)[16:]
    async with database.writing() as session:
        await session.execute(planted, {"secret": secret, "id": ana.user_id})

    found = await dump(database)

    assert any(spelling in found for spelling in spellings(ana.refresh_token))


WRITTEN = json.dumps(PASSWORD)


@pytest.mark.parametrize(
    "variables",
    [
        {"email": "a@example.com", "password": PASSWORD, "colour": "red"},
        {"password": PASSWORD},
        {"email": "a@example.com", "password": [PASSWORD]},
        {"email": {"password": PASSWORD}, "password": "x"},
        PASSWORD,
    ],
    ids=["unknown field", "missing field", "list", "object", "text"],
)
async def test_variables_with_a_mistake_are_not_repeated_in_the_answer(
    graphql: GraphQLClient, variables: object
) -> None:
    answer = await graphql.send(LOG_IN, input=variables)

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert PASSWORD not in str(answer)


@pytest.mark.parametrize(
    ("input_", "code"),
    [
        (f'{{email: "a", password: {WRITTEN}, colour: "red"}}', "GRAPHQL_VALIDATION_FAILED"),
        (f"{{password: {WRITTEN}}}", "GRAPHQL_VALIDATION_FAILED"),
        (f'{{email: "a", password: [{WRITTEN}]}}', "GRAPHQL_VALIDATION_FAILED"),
        (WRITTEN, "GRAPHQL_VALIDATION_FAILED"),
        (f'{{email: "a" password {WRITTEN}}}', "GRAPHQL_PARSE_FAILED"),
        (f'{{email: "a" password """{PASSWORD}"""}}', "GRAPHQL_PARSE_FAILED"),
    ],
    ids=["unknown field", "missing field", "list", "text", "no colon", "no colon, block"],
)
async def test_document_with_a_mistake_is_not_repeated_in_the_answer(
    graphql: GraphQLClient, input_: str, code: str
) -> None:
    answer = await graphql.send(f"mutation {{ logIn(input: {input_}) {{ __typename }} }}")

    assert answer["errors"][0]["extensions"]["code"] == code
    assert PASSWORD not in str(answer)
