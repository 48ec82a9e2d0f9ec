"""Every text a client can send: what cannot be kept or found is refused, wherever it stands."""

from collections.abc import AsyncIterator

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.domain.ledger.books import check_books
from tests.clients import GraphQLClient
from tests.factories import MakeMember
from tests.resolvers.stage import DOCUMENTS, Stage, finds_nothing, put, set_stage
from tests.trading import Trading

TEXTS = {
    "NUL": "a\0b",
    "half a character": "a\ud800b",
    "halves the wrong way round": "\udc00\ud800",
    "10 kB": "x" * 10_000,
    "10 kB of four bytes": "\U0001f33e" * 2_500,
}
SIGN_UP_TEXTS = ["email", "password", "entityName", "firstName", "lastName", "description"]
MUTATION_TEXTS = [
    *(("signUp", ("input", name)) for name in [*SIGN_UP_TEXTS, "city", "region", "country"]),
    *(("logIn", ("input", name)) for name in ("email", "password", "secondFactorCode")),
    ("refresh", ("input", "refreshToken")),
    ("endSession", ("input", "id")),
    *(("changePassword", ("input", name)) for name in ("currentPassword", "newPassword")),
    ("requestReset", ("input", "email")),
    *(("reset", ("input", name)) for name in ("token", "newPassword")),
    *(("changeEmail", ("input", name)) for name in ("newEmail", "currentPassword")),
    *((name, ("input", "token")) for name in ("verifyEmail", "confirmEmail", "cancelEmail")),
    ("beginFactor", ("input", "currentPassword")),
    *(("removeFactor", ("input", name)) for name in ("currentPassword", "code")),
    *((name, ("input", "code")) for name in ("confirmFactor", "renewCodes")),
    *(("invite", ("input", name)) for name in ("entityId", "email", "role", "message")),
    *(("withdraw", ("input", name)) for name in ("entityId", "invitationId")),
    *((name, ("input", "token")) for name in ("join", "decline")),
    *(("signUpInvited", ("input", name)) for name in ("token", "password", "firstName")),
    *(("changeRole", ("input", name)) for name in ("entityId", "userId", "role")),
    *(("remove", ("input", name)) for name in ("entityId", "userId")),
    ("leave", ("input", "entityId")),
    *(("found", ("input", name)) for name in ("name", "description", "city", "region", "country")),
    *(("createApiToken", ("input", name)) for name in ("entityId", "name", "currentPassword")),
    *(("createApiToken", ("input", name)) for name in ("scopes", "dailyAmount", "expiresAt")),
    ("revokeApiToken", ("input", "id")),
    *(("propose", ("input", name)) for name in ("initiatorId", "description", "idempotencyKey")),
    *(("propose", ("input", name)) for name in ("direction", "amount")),
    *(("propose", ("input", "receiver", name)) for name in ("id", "accountNumber")),
    *(
        (decision, ("input", name))
        for decision in ("accept", "reject", "cancel")
        for name in ("transferId", "idempotencyKey")
    ),
    *((decision, ("input", "reason")) for decision in ("reject", "cancel")),
    *(("setFavorite", ("input", name)) for name in ("actingFor", "entityId")),
    *(("contact", ("input", name)) for name in ("actingFor", "entityId", "message")),
    ("contact", ("input", "idempotencyKey")),
]
QUERY_TEXTS = [
    *(("check", ("input", "proposal", name)) for name in ("initiatorId", "direction", "amount")),
    *(("check", ("input", "proposal", "receiver", name)) for name in ("id", "accountNumber")),
    ("check", ("input", "acceptanceOf")),
    *((name, ("id",)) for name in ("entity", "transfer", "node", "nodes", "transfers")),
    *(("entities", (name,)) for name in ("namePrefix", "after", "before")),
    *(("transfers", (name,)) for name in ("after", "before")),
    *(("transfers", ("filter", name)) for name in ("counterparty", "from", "to")),
    ("transfers", ("filter", "direction")),
]


@pytest.fixture
async def stage(graphql: GraphQLClient, make: MakeMember, trading: Trading) -> Stage:
    return await set_stage(graphql, make, trading)


@pytest.fixture(scope="module", autouse=True)
async def books_balance_at_the_end(database: Database) -> AsyncIterator[None]:
    yield
    async with database.snapshot() as session:
        findings = await check_books(session, progress=lambda _check: None)
    assert findings.balanced, findings.differences


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize(
    ("name", "path"), MUTATION_TEXTS, ids=[f"{n}-{'.'.join(p)}" for n, p in MUTATION_TEXTS]
)
async def test_text_that_cannot_be_kept_is_refused_everywhere(
    stage: Stage, name: str, path: tuple[str, ...], text: str
) -> None:
    answer = await stage.send(DOCUMENTS[name], put(stage.variables(name), path, text))

    assert answer.code is not None


@pytest.mark.parametrize("text", ["", *TEXTS.values()], ids=["empty", *TEXTS])
@pytest.mark.parametrize(
    ("name", "path"), QUERY_TEXTS, ids=[f"{n}-{'.'.join(p)}" for n, p in QUERY_TEXTS]
)
async def test_text_that_cannot_be_found_is_refused_or_finds_nothing(
    stage: Stage, name: str, path: tuple[str, ...], text: str
) -> None:
    answer = await stage.send(DOCUMENTS[name], put(stage.variables(name), path, text))

    all_of_them = path == ("namePrefix",) and not text
    assert answer.code or all_of_them or finds_nothing(answer.result)
