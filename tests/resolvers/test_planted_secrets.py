"""Every input that takes a secret gets one planted, whatever goes wrong; then all is searched."""

import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any
from uuid import uuid4

import orjson
import pytest
from graphql import GraphQLInputObjectType, get_named_type

from mccs_graphql.adapters.log_lines import JsonLines
from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.databases import alter
from tests.factories import Member, make_member
from tests.resolvers.test_secrets import dump, in_redis
from tests.visibility import SCHEMA

SOUNDS_SECRET = re.compile(
    r"password|token|secret|code|key|pin|otp|proof|credential", re.IGNORECASE
)
SECRETS = {
    "SignUpInput": {"password"},
    "LogInInput": {"password", "secondFactorCode"},
    "BeginSecondFactorInput": {"currentPassword"},
    "ConfirmSecondFactorInput": {"code"},
    "RemoveSecondFactorInput": {"currentPassword", "code"},
    "RenewRecoveryCodesInput": {"code"},
    "InvitationTokenInput": {"token"},
    "SignUpWithInvitationInput": {"token", "password"},
    "CreateApiTokenInput": {"currentPassword"},
    "RefreshSessionInput": {"refreshToken"},
    "ChangePasswordInput": {"currentPassword", "newPassword"},
    "ResetPasswordInput": {"token", "newPassword"},
    "RequestEmailChangeInput": {"currentPassword"},
    "MailTokenInput": {"token"},
}
NO_SECRETS = {"idempotencyKey", "postalCode"}
REST: dict[str, dict[str, str]] = {
    "SignUpInput": {"email": "planted@example.com", "entityName": "Planted"},
    "LogInInput": {"email": "planted@example.com"},
    "RequestEmailChangeInput": {"newEmail": "planted@example.com"},
}
LOST = ("users", "user_sessions", "one_time_tokens", "attempt_counts")
assert SCHEMA.mutation_type
TAKING = {
    name: type_
    for name, field in SCHEMA.mutation_type.fields.items()
    for argument in field.args.values()
    if (type_ := get_named_type(argument.type).name) in SECRETS
}
"""The mutations that take a secret, and their inputs."""
Plant = Callable[[str], object]
SHAPES: dict[str, Plant] = {
    "as it is": lambda secret: secret,
    "in a list": lambda secret: [secret],
    "in an object": lambda secret: {"x": secret},
    "too long": lambda secret: secret * 500,
    "with a NUL": lambda secret: f"{secret}\0",
}


class Planting:
    """Sends secrets that are nobody's, and keeps what comes back."""

    def __init__(self, graphql: GraphQLClient, by: Member) -> None:
        self._graphql, self._by = graphql, by
        self.secrets: list[str] = []
        self.answers: list[str] = []

    async def everywhere(self) -> None:
        """Every mutation, with its secrets in every shape, as variables and in the document."""
        for name, type_ in TAKING.items():
            for plant in SHAPES.values():
                await self._as_variables(name, type_, plant)
                await self._in_the_document(name, type_, plant)

    def _input(self, type_: str, plant: Plant) -> dict[str, object]:
        planted = {field: f"pl4nted-{uuid4().hex}" for field in sorted(SECRETS[type_])}
        self.secrets += planted.values()
        return REST.get(type_, {}) | {field: plant(value) for field, value in planted.items()}

    async def _as_variables(self, name: str, type_: str, plant: Plant) -> None:
        query = f"mutation Plant($input: {type_}!) {{ {name}(input: $input) {{ __typename }} }}"
        await self._send(query, {"input": self._input(type_, plant)})

    async def _in_the_document(self, name: str, type_: str, plant: Plant) -> None:
        literal = re.sub(r'"(\w+)":', r"\1:", orjson.dumps(self._input(type_, plant)).decode())
        document = f"mutation {{ {name}(input: {literal}) {{ __typename }}"
        await self._send(f"{document} }}", {})
        await self._send(document, {})  # it has no end

    async def _send(self, query: str, variables: dict[str, Any]) -> None:
        for token in (self._by.token, None):
            response = await self._graphql.http.post(
                "/graphql",
                json={"query": query, "variables": variables},
                headers={"Authorization": f"Bearer {token}"} if token else {},
            )
            self.answers.append(response.text)

    def found_in(self, everything: str) -> list[str]:
        """The secrets that are there, as text or as bytes in hexadecimal."""
        spellings = (spelling for s in self.secrets for spelling in (s, s.encode().hex()))
        return [spelling for spelling in spellings if spelling in everything]


@pytest.fixture
async def planting(
    empty_settings: Settings, empty_database: Database, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Planting]:
    """On an application that says all it can say, made once the log is open for it."""
    for logger in ("", "sqlalchemy"):
        caplog.set_level(logging.DEBUG, logger)
    ana = await make_member(empty_database)
    app = create_app(empty_settings)
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as client:
        yield Planting(client, ana)


@contextmanager
def logging_to(stream: StringIO) -> Iterator[None]:
    """Within the block, the log is written there, too, as ``mccs serve`` writes it."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines("web"))
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)


def inputs_that_sound_secret() -> dict[str, set[str]]:
    return {
        type_.name: names
        for type_ in SCHEMA.type_map.values()
        if isinstance(type_, GraphQLInputObjectType)
        and (names := set(filter(SOUNDS_SECRET.search, type_.fields)) - NO_SECRETS)
    }


def test_every_input_that_sounds_secret_gets_one_planted() -> None:
    assert inputs_that_sound_secret() == SECRETS


@pytest.mark.parametrize("lost", [None, *LOST])
async def test_secret_is_found_nowhere(
    planting: Planting,
    empty_settings: Settings,
    empty_database: Database,
    caplog: pytest.LogCaptureFixture,
    lost: str | None,
) -> None:
    """``lost`` is a table whose absence makes every statement on it fail."""
    if lost:
        await alter(empty_settings, f"ALTER TABLE {lost} RENAME TO lost_{lost}")

    log = StringIO()
    with logging_to(log):
        await planting.everywhere()

    answers = "\n".join(planting.answers)
    assert ("INTERNAL_SERVER_ERROR" in answers) == bool(lost)
    assert "INSERT INTO" in caplog.text  # statements are told, so their parameters would be too
    kept = await dump(empty_database) + await in_redis(empty_settings)
    assert '"operation":["logIn"]' in log.getvalue()
    everything = "\n".join((answers, caplog.text, log.getvalue(), kept))
    assert planting.found_in(everything) == []
