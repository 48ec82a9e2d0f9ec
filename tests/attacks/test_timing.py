"""Whether somebody has an address cannot be told by the work that a request makes.

The gate is what is counted: statements, hashes and bytes. Times are compared too, loosely, as a
machine that has other work to do says little by them.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from statistics import median
from time import perf_counter
from typing import Any, Literal

import httpx
import pytest
from argon2 import PasswordHasher

from mccs_graphql.context import Services
from tests.clients import GraphQLClient
from tests.resolvers.accounts import REQUEST_RESET, RESET, VERIFY, open_account
from tests.resolvers.test_identity import LOG_IN, PASSWORD, new_email

PAIRS = 60
FACTOR = 3.0
WRONG = PASSWORD + "x"
Ask = Callable[[str], Awaitable[httpx.Response]]


def log_in(email: str) -> dict[str, Any]:
    return {"query": LOG_IN, "variables": {"input": {"email": email, "password": WRONG}}}


def request_reset(email: str) -> dict[str, Any]:
    return {"query": REQUEST_RESET, "variables": {"input": {"email": email}}}


WAYS = {"logIn": log_in, "requestPasswordReset": request_reset}


@pytest.fixture
async def email(graphql: GraphQLClient) -> str:
    """The address of a member with a password."""
    return (await open_account(graphql)).email


@pytest.fixture(params=WAYS)
def ask(request: pytest.FixtureRequest, attacked: httpx.AsyncClient) -> Ask:
    """Asks in one of the ways that take an address."""

    async def answer(email: str) -> httpx.Response:
        return await attacked.post("/graphql", json=WAYS[request.param](email))

    return answer


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch, services: Services) -> list[str]:
    """Every password that is hashed or verified, as argon2 is asked to."""
    seen: list[str] = []

    class Watched(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            seen.append(str(password))
            return super().hash(password, salt=salt)

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            seen.append(str(password))
            return super().verify(hash, password)

    watched = Watched(memory_cost=services.settings.password_memory_kib)
    monkeypatch.setattr(services.passwords, "_hasher", watched)
    return seen


def shown(response: httpx.Response) -> tuple[int, object, list[str]]:
    """What can be told from an answer but for the points and the time."""
    body = response.json()
    return response.status_code, body["data"], sorted(response.headers)


async def test_same_statements_hashes_and_answer(
    ask: Ask, email: str, hashes: list[str], counting: AbstractContextManager[list[str]]
) -> None:
    found = []
    with counting as statements:
        for address in (email, new_email()):
            statements.clear()
            hashes.clear()
            answer = await ask(address)
            found.append((list(statements), list(hashes), shown(answer), len(answer.content)))

    known, unknown = found
    assert known[0]
    assert known[:3] == unknown[:3]
    assert abs(known[3] - unknown[3]) <= len("1000000000")  # the points that are left


async def test_times_are_alike(ask: Ask, email: str) -> None:
    async def seconds(address: str) -> float:
        began = perf_counter()
        await ask(address)
        return perf_counter() - began

    pairs = [(await seconds(email), await seconds(new_email())) for _ in range(PAIRS)]
    known, unknown = (median(times) for times in zip(*pairs, strict=True))
    assert 1 / FACTOR < known / unknown < FACTOR


async def test_wrong_and_right_passwords_are_looked_at_alike(
    attacked: httpx.AsyncClient, email: str, hashes: list[str]
) -> None:
    counts = []
    for password in (WRONG, PASSWORD, "y" * 100):
        hashes.clear()
        body = {"query": LOG_IN, "variables": {"input": {"email": email, "password": password}}}
        await attacked.post("/graphql", json=body)
        counts.append(len(hashes))
    assert counts == [1, 1, 1]


@pytest.mark.parametrize(
    ("document", "more"), [(VERIFY, {}), (RESET, {"newPassword": "battery-staple-7"})]
)
async def test_wrong_tokens_of_mails_are_looked_up_by_their_hash_alone(
    attacked: httpx.AsyncClient,
    hashes: list[str],
    counting: AbstractContextManager[list[str]],
    document: str,
    more: dict[str, str],
) -> None:
    found = []
    with counting as statements:
        for token in ("x", "A" * 43, "é" * 5_000):
            statements.clear()
            body = {"query": document, "variables": {"input": {"token": token} | more}}
            answer = await attacked.post("/graphql", json=body)
            found.append((list(statements), shown(answer)))
    assert found[0] == found[1] == found[2]
    assert hashes == []
